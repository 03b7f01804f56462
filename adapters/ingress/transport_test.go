package ingress

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

func packed(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestHostileTransport(t *testing.T) {
	s := newSite(t, Options{})
	good := []byte(event("ALERT", "t", "x"))
	zipped := packed(t, good)
	pad := func(n int) []byte {
		return []byte(strings.TrimSuffix(event("ALERT", "t", "x"), "}") + `,"pad":"` + strings.Repeat("x", n) + `"}`)
	}
	exact := pad(maxBody - len(pad(0)))
	const plain, jsonType = "", "application/json"
	for _, c := range []struct {
		name, method, media, encoding string
		body                          []byte
		want                          int
	}{
		{"plain", "POST", jsonType, plain, good, 202},
		{"no content type", "POST", "", plain, good, 202},
		{"text", "POST", "text/plain; charset=UTF-8", plain, good, 202},
		{"curl -d", "POST", "application/x-www-form-urlencoded", plain, good, 202},
		{"json suffix", "POST", "application/cloudevents+json", plain, good, 202},
		{"byte-order mark", "POST", jsonType, plain, append([]byte("\uFEFF"), good...), 202},
		{"invalid UTF-8", "POST", jsonType, plain, bytes.Replace(good, []byte(`"x"`), []byte("\"x\xff\xfe\xc0\x80\""), 1), 202},
		{"identity", "POST", jsonType, "identity", good, 202},
		{"gzip", "POST", jsonType, "gzip", zipped, 202},
		{"exactly the limit", "POST", jsonType, plain, exact, 202},
		{"exactly the limit, packed", "POST", jsonType, "gzip", packed(t, exact), 202},
		{"one byte more", "POST", jsonType, plain, append(exact, ' '), 413},
		{"one byte more, packed", "POST", jsonType, "gzip", packed(t, append(exact, ' ')), 413},
		{"bomb", "POST", jsonType, "gzip", packed(t, make([]byte, 64<<20)), 413},
		{"gzip of gzip", "POST", jsonType, "gzip", packed(t, zipped), 415},
		{"gzip unannounced", "POST", jsonType, plain, zipped, 415},
		{"gzip cut off", "POST", jsonType, "gzip", zipped[:len(zipped)-9], 400},
		{"gzip with a wrong sum", "POST", jsonType, "gzip", append(zipped[:len(zipped)-5:len(zipped)-5], 1, 2, 3, 4, 5), 400},
		{"gzip with garbage behind", "POST", jsonType, "gzip", append(zipped[:len(zipped):len(zipped)], "garbage"...), 400},
		{"not gzip", "POST", jsonType, "gzip", good, 400},
		{"br", "POST", jsonType, "br", good, 415},
		{"gzip, gzip", "POST", jsonType, "gzip, gzip", zipped, 415},
		{"utf-16", "POST", "application/json; charset=utf-16", plain, good, 415},
		{"xml", "POST", "application/xml", plain, []byte("<a/>"), 415},
		{"multipart", "POST", "multipart/form-data; boundary=x", plain, good, 415},
		{"msgpack", "POST", "application/msgpack", plain, good, 415},
		{"nonsense type", "POST", "///", plain, good, 415},
		{"empty", "POST", jsonType, plain, nil, 400},
		{"blank", "POST", jsonType, plain, []byte(" \n"), 400},
		{"only a byte-order mark", "POST", jsonType, plain, []byte("\uFEFF"), 400},
		{"garbage behind", "POST", jsonType, plain, append(good[:len(good):len(good)], "{}"...), 400},
		{"comma behind", "POST", jsonType, plain, []byte(`{"a":1,}`), 400},
		{"deep", "POST", jsonType, plain, []byte(strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)), 400},
		{"number out of range", "POST", jsonType, plain, []byte(`{"a":1e131071}`), 400},
		{"null", "POST", jsonType, plain, []byte(`null`), 400},
		{"string", "POST", jsonType, plain, []byte(`"x"`), 400},
		{"empty list", "POST", jsonType, plain, []byte(`[]`), 400},
		{"list of 1001", "POST", jsonType, plain, []byte("[" + strings.Repeat("{},", 1000) + "{}]"), 400},
		{"no key", "POST", jsonType, plain, []byte(`{"eventType":"ALERT","summary":"x"}`), 400},
		{"key is a number", "POST", jsonType, plain, []byte(`{"integrationKey":5,"eventType":"ALERT","summary":"x"}`), 400},
		{"no type", "POST", jsonType, plain, []byte(`{"integrationKey":"` + apiKey + `","summary":"x"}`), 400},
		{"no summary", "POST", jsonType, plain, []byte(`{"integrationKey":"` + apiKey + `","eventType":"ALERT"}`), 400},
		{"GET", "GET", "", plain, nil, 405},
		{"PUT", "PUT", jsonType, plain, good, 405},
		{"TRACE", "TRACE", "", plain, nil, 405},
		{"FOO", "FOO", jsonType, plain, good, 405},
	} {
		a := s.send(c.method, "/api/events", bytes.NewReader(c.body), "Content-Type", c.media, "Content-Encoding", c.encoding)
		if a.Code != c.want {
			t.Errorf("%s: got %d %.200s, want %d", c.name, a.Code, a.Text, c.want)
		}
		if c.want >= 400 && (a.Status != c.want || a.Message == "" || a.WireCode == "") {
			t.Errorf("%s: the error body is %.200s", c.name, a.Text)
		}
		if strings.Contains(a.Text, apiKey) {
			t.Errorf("%s: the key stands in %s", c.name, a.Text)
		}
	}
}

func TestMendedTextIsRemarkedUpon(t *testing.T) {
	s := newSite(t, Options{})
	for _, body := range []string{
		"{\"eventType\":\"ALERT\",\"summary\":\"caf\xe9\"}",
		`{"eventType":"ALERT","summary":"half \ud800 a pair"}`,
		"caf\xe9 closed",
	} {
		a := s.post("/api/events/"+apiKey, body)
		if a.Code != 202 || !strings.Contains(a.Events[0].Summary, "\uFFFD") || !strings.Contains(a.Events[0].Reason, "Unicode") {
			t.Errorf("%q: got %d %s", body, a.Code, a.Text)
		}
	}
	for _, body := range []string{`{"eventType":"ALERT","summary":"sent as \uFffd"}`, "sent as \uFFFD"} {
		if a := s.post("/api/events/"+apiKey, body); a.Code != 202 || strings.Contains(a.Events[0].Reason, "Unicode") {
			t.Errorf("%q: got %d %s", body, a.Code, a.Text)
		}
	}
}

func TestWhatWasDroppedIsNamed(t *testing.T) {
	s := newSite(t, Options{})
	a := s.post("/api/events/"+apiKey, `{"eventType":"ALERT","summary":"x","severity":"SEV1","priority":"huge","links":[{"href":"javascript:1"}]}`)
	if a.Code != 202 {
		t.Fatalf("got %d %s", a.Code, a.Text)
	}
	for _, name := range []string{"severity", "priority", "links"} {
		if !strings.Contains(a.Events[0].Reason, name) {
			t.Errorf("%s is not named in %q", name, a.Events[0].Reason)
		}
	}
}

// dial sends raw bytes and reads the answer to them.
func (s *site) dial(request string) answer {
	s.t.Helper()
	conn, err := (&net.Dialer{}).DialContext(s.t.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, request); err != nil {
		s.t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.readAnswer(resp)
}

func TestSlowAndEndlessBodiesAreCut(t *testing.T) {
	s := newSite(t, Options{BodyTime: shortly})
	const head = "POST /api/events/" + apiKey + " HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
	for name, c := range map[string]struct {
		request string
		want    int
	}{
		"half a body":        {head + "Content-Length: 100\r\n\r\ndisk fu", 408},
		"half a chunk":       {head + "Transfer-Encoding: chunked\r\n\r\n64\r\ndisk fu", 408},
		"promised ten GB":    {head + "Content-Length: 10000000000\r\n\r\n", 413},
		"chunks without end": {head + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("10000\r\n"+strings.Repeat("x", 65536)+"\r\n", 17), 413},
		"broken chunk":       {head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
	} {
		if a := s.dial(c.request); a.Code != c.want || a.Status != c.want {
			t.Errorf("%s: got %d %s, want %d", name, a.Code, a.Text, c.want)
		}
	}
}

func TestOneConnectionCarriesManyEvents(t *testing.T) {
	s := newSite(t, Options{BodyTime: shortly})
	var b strings.Builder
	for i := range 3 {
		body := fmt.Sprintf("disk %d full", i)
		fmt.Fprintf(&b, "POST /api/events/%s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", apiKey, len(body), body)
	}
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, b.String()); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(conn)
	for i := range 3 {
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		if a := s.readAnswer(resp); a.Code != 202 || a.Events[0].Summary != fmt.Sprintf("disk %d full", i) {
			t.Errorf("request %d: got %d %s", i, a.Code, a.Text)
		}
	}
}

// TestEverySlugTakesAnything sends nonsense to every kind of address.
func TestEverySlugTakesAnything(t *testing.T) {
	s := newSite(t, Options{})
	for _, slug := range []string{"prometheus", "grafana", "rollbar", "checkmk", "api", "no-such-tool", "%F0%9F%94%94"} {
		for _, body := range []string{`{"message":"x"}`, `{"a":[{"b":null}]}`, "x", `[{"title":"x"},{"title":"y"}]`} {
			if a := s.post("/api/v1/events/"+slug+"/"+apiKey, body); a.Code != 202 || !strings.HasPrefix(a.outcomes(), "created") {
				t.Errorf("%s %s: got %d %s", slug, body, a.Code, a.Text)
			}
		}
	}
}

func TestBodiesThatArriveAtOnceAreBounded(t *testing.T) {
	s := newSite(t, Options{})
	leave, err := s.ingress.strangers.enter(roomBytes) // one body never counts for more than it may have
	if err != nil || s.ingress.strangers.used.Load() != maxBody {
		t.Fatalf("got %d in use, %v", s.ingress.strangers.used.Load(), err)
	}
	s.ingress.strangers.size = maxBody
	if a := s.post("/api/events/"+apiKey, "x"); a.Code != 202 {
		t.Errorf("strangers took a source's room: got %d %s", a.Code, a.Text)
	}
	if a := s.post("/api/events", event("ALERT", "", "x")); a.Code != 503 || a.Header.Get("Retry-After") == "" {
		t.Errorf("no room: got %d %s", a.Code, a.Text)
	}
	leave()
	if a := s.post("/api/events", event("ALERT", "", "x")); a.Code != 202 {
		t.Errorf("got %d %s", a.Code, a.Text)
	}
	if used := s.ingress.strangers.used.Load(); used != 0 {
		t.Errorf("%d bytes are in use with nobody there", used)
	}
}
