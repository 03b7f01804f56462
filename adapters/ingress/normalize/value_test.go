package normalize

import (
	"runtime"
	"strings"
	"testing"
)

func TestOnlyWholeAndSaneJSONIsDecoded(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	good := []string{`{}`, "\uFEFF{\"a\":1}", ` [1] `, `"x"`, `-0.1e10`, deep(64), `{"a":"]]}}\\\""}`, `0.` + strings.Repeat("1", 1000)}
	for _, body := range good {
		if _, err := decode([]byte(body)); err != nil {
			t.Errorf("%.60s: %v", body, err)
		}
	}
	bad := []string{``, `{`, `{}x`, `{}{}`, `{'a':1}`, `{"a":1,}`, `// c`, `NaN`, `01`, `+1`, `.5`, `0x10`, deep(65), deep(100_000),
		`{"a":1e131071}`, `{"a":-1e400}`, `[1,2`}
	for _, body := range bad {
		if _, err := decode([]byte(body)); err == nil {
			t.Errorf("%.60s was taken", body)
		}
	}
}

func TestValueAnswersEveryQuestion(t *testing.T) {
	v, err := decode([]byte(`{"Status":"firing","status":"resolved","ſtatuS":"last","n":9007199254740993,"t":true,"z":null,
		"o":{"a b":{"c":[10,{"d":"deep"}]}},"l":[[1],2],"e":"a\u00e9\n\ud800","\u006bey":"escaped"}`))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"status": "last", "n": "9007199254740993", "t": "true", "z": "", "o": "", "l": "", "missing": "",
		"o.a b.c.1.d": "deep", "o.a b.c.0": "10", "o.a b.c.7": "", "o.a b.c.x": "", "l.0.0": "1",
		"n.deeper": "", "e": "aé\n\uFFFD", "key": "escaped", "": "", "...": "",
	} {
		if got := v.At(path).Text(); got != want {
			t.Errorf("%q: got %q, want %q", path, got, want)
		}
	}
	if got := v.Get("o").Show(); got != `{"a b":{"c":[10,{"d":"deep"}]}}` {
		t.Errorf("got %s", got)
	}
	if v.Get("z").There() || !v.Get("t").There() || v.Get("missing").There() {
		t.Error("There is wrong about null, true or nothing")
	}
}

func TestInvalidUTF8BecomesAMark(t *testing.T) {
	v, err := decode([]byte("{\"a\":\"caf\xff\",\"b\xc0\x80\":1}"))
	if err != nil {
		t.Fatal(err)
	}
	if got := v.Get("a").Text(); got != "caf\uFFFD" {
		t.Errorf("got %q", got)
	}
}

func TestBodiesAreReadAsWhatTheyAre(t *testing.T) {
	for _, c := range []struct{ media, body, want string }{
		{"", "disk full", "text"},
		{"text/plain; charset=utf-8", "[FIRING] disk full", "text"},
		{"text/plain", `{"summary":"x"}`, "object"},
		{"", ` [{"a":1}] `, "list"},
		{"application/x-www-form-urlencoded", `{"a":"b&c=d"}`, "object"},
		{"application/x-www-form-urlencoded", "load=97 on db-3", "text"},
		{"application/x-www-form-urlencoded", "title=a+b&x=1", "object"},
		{"application/x-www-form-urlencoded", "%zz=1&title=a", "text"},
		{"application/x-www-form-urlencoded", "title=a" + strings.Repeat("&a=1", 1000), "text"},
		{"application/vnd.x+json", `"x"`, "other"},
		{"application/json", "disk full", "refused"},
		{"application/json", " \n", "refused"},
		{"text/plain", "\uFEFF", "refused"},
		{"text/plain", `{"summary":"x}`, "refused"},
	} {
		v, text, err := read(Raw{Body: []byte(c.body), Header: map[string][]string{"Content-Type": {c.media}}})
		got := "other"
		switch {
		case err != nil:
			got = "refused"
		case text != "":
			got = "text"
		case v.IsObject():
			got = "object"
		case v.IsList():
			got = "list"
		}
		if got != c.want {
			t.Errorf("%s %.40q: got %s, want %s", c.media, c.body, got, c.want)
		}
	}
}

func TestAListIsTakenApart(t *testing.T) {
	list := func(n int) Raw {
		return Raw{Body: []byte("[" + strings.TrimSuffix(strings.Repeat(`{"a":1},`, n), ",") + "]")}
	}
	for n, want := range map[int]int{0: 1, 1: 1, 3: 3, 1000: 1000} {
		items, err := Items(list(n))
		if err != nil || len(items) != want {
			t.Errorf("list of %d: got %d items, %v", n, len(items), err)
		}
	}
	if _, err := Items(list(1001)); err == nil {
		t.Error("1001 items were taken")
	}
}

func TestSlugsFallToTheSourceThenToGeneric(t *testing.T) {
	group := Raw{Body: []byte(`{"receiver":"x","text":"only Alertmanager finds nothing here"}`)}
	for _, c := range []struct {
		slug, source string
		known        bool
	}{
		{"prometheus", "API", true}, {"PROMETHEUS", "", true}, {"vmalert", "GRAFANA", true}, {"no-such-tool", "LOKI", true},
		{"", "MIMIR", true}, {"no-such-tool", "NO_SUCH_TYPE", false}, {"", "", false}, {"api", "PROMETHEUS", false},
	} {
		events, err := By(c.slug, c.source)(group)
		if err != nil || c.known != (len(events) == 0) {
			t.Errorf("By(%q, %q) gave %v, %v", c.slug, c.source, events, err)
		}
	}
}

func TestLabelsThatLookAlikeHaveTheirOwnKeys(t *testing.T) {
	seen := map[string]string{}
	for _, set := range []string{`{"a":"bc"}`, `{"ab":"c"}`, `{"a":"b","c":""}`, `{"a":"","b":"c"}`, `{"a":"b,c"}`, `{"a":"b","c":"d"}`} {
		v, err := decode([]byte(set))
		if err != nil {
			t.Fatal(err)
		}
		k := labelsKey(v)
		if seen[k] != "" {
			t.Errorf("%s and %s have one key", set, seen[k])
		}
		seen[k] = set
	}
	one, _ := decode([]byte(`{"a":"1","b":"2"}`))
	other, _ := decode([]byte(`{ "b":"2", "a":"1" }`))
	if labelsKey(one) != labelsKey(other) {
		t.Error("the order of labels changes the key")
	}
}

func TestSeverityWords(t *testing.T) {
	for words, want := range map[string]string{
		"warning info minor low P3 p4 P5 Sev3 sev-5 SEV_4": "LOW",
		"critical error high down CRIT P1 sev1 page":       "HIGH",
		"none normal 5 medium unknown 🔥":                   "",
	} {
		for w := range strings.FieldsSeq(words) {
			if p, _ := urgency(w); p.String() != want {
				t.Errorf("%s: got %q, want %q", w, p, want)
			}
		}
	}
}

func TestOnlyPlainWebAddressesAreLinks(t *testing.T) {
	for _, href := range []string{"javascript:alert(1)", "data:text/html,x", "//evil.example", "https://good@evil.example", "http://", "ftp://a/b",
		"https://a b/", "", "x", "https://" + strings.Repeat("a", 5000)} {
		if got, ok := webAddress(href); ok {
			t.Errorf("%q passed as %q", href, got)
		}
	}
	if got, ok := webAddress(" https://example.com/a?b=c#d "); !ok || got != "https://example.com/a?b=c#d" {
		t.Errorf("got %q, %v", got, ok)
	}
}

func TestEventsWithoutTypeOrSummaryAreRefused(t *testing.T) {
	for _, body := range []string{
		`{"summary":"x"}`, `{"eventType":null,"summary":"x"}`, `{"eventType":"","summary":"x"}`, `{"eventType":"OPEN","summary":"x"}`,
		`{"eventType":1,"summary":"x"}`, `{"eventType":["ALERT"],"summary":"x"}`, `{"eventType":"ALERT"}`, `{"eventType":"ALERT","summary":null}`,
		`{"eventType":"ALERT","summary":1}`, `{"eventType":"RESOLVE","summary":{}}`, `null`, `1`, `"x"`, `[]`, `[[]]`,
	} {
		raw := Raw{Body: []byte(body), Header: map[string][]string{"Content-Type": {"application/json"}}}
		if events, err := Event(raw); err == nil {
			t.Errorf("%s gave %v", body, events)
		}
	}
}

func TestHostileBodiesTakeLittleMemory(t *testing.T) {
	const size = 1 << 20
	for name, unit := range map[string]string{"zeros": `0,`, "objects": `{},`, "members": `{"a":[0]},`} {
		body := []byte(`{"message":"x","a":[` + strings.Repeat(unit, size/len(unit)) + `0]}`)
		raw := Raw{Body: body}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := Generic(raw); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > 8<<20 { // decoded into a tree it would be over 20 MiB
			t.Errorf("%s: a body of 1 MiB took %d KiB more", name, got>>10)
		}
	}
}
