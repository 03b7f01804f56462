package webchat_test

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

var shots = flag.String("shots", "", "write pictures of the page into this folder")

// tab is a real browser's page.
type tab struct {
	*testing.T
	ctx context.Context

	mu         sync.Mutex
	complaints []string // what the page wrote to its console
}

// chromium is the browser's program, under whichever name it has here.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("no browser to test the page with; install one: apt-get install -y chromium")
	return ""
}

// openTab starts a browser of its own with a window of that size.
func openTab(t *testing.T, width, height int64) *tab {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.WSURLReadTimeout(60*time.Second))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &tab{T: t, ctx: ctx}
	require.NoError(t, chromedp.Listen(ctx, b.hear))
	b.do(chromedp.EmulateViewport(width, height))
	return b
}

// hear notes what the page complains about: an uncaught error, or a policy that forbade
// something.
func (b *tab) hear(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch ev := ev.(type) {
	case *runtime.EventExceptionThrown:
		b.complaints = append(b.complaints, ev.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		if ev.Entry.Source == log.EntrySourceSecurity || ev.Entry.Source == log.EntrySourceJavascript {
			b.complaints = append(b.complaints, ev.Entry.Text)
		}
	}
}

// quiet fails the test if the page complained.
func (b *tab) quiet() {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	require.Empty(b, b.complaints)
}

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 60*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.picture("failed")
		require.NoError(b, err)
	}
}

// eval runs a script in the page and returns its value.
func eval[T any](b *tab, script string) T {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script))
	require.NoError(b, err, script)
	return v
}

// see waits until an expression is true in the page, also across pages.
func (b *tab) see(expression string) {
	b.Helper()
	var err error
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); <-tick.C {
		var ok bool
		if ok, err = chromedp.Run(b.ctx, chromedp.Evaluate[bool]("Boolean("+expression+")")); err == nil && ok {
			return
		}
	}
	b.picture("failed")
	b.Fatalf("never true: %s (%v)\nthe page: %s", expression, err, eval[string](b, "document.body.innerText"))
}

// press clicks the first visible button or link whose accessible name begins with a text.
func (b *tab) press(name string) {
	b.Helper()
	b.see(named(name) + " !== undefined")
	b.run(named(name) + ".click()")
}

func named(name string) string {
	return `[...(document.querySelector('dialog[open]') ?? document).querySelectorAll('button, a')].filter(e => e.checkVisibility() && !e.disabled)
		.find(e => (e.getAttribute('aria-label') || e.textContent).trim().startsWith(` + quote(name) + `))`
}

// dark sets what the person's system prefers.
func (b *tab) dark(on bool) {
	value := "light"
	if on {
		value = "dark"
	}
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: value}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
	require.NoError(b, err)
}

// picture writes what is seen if -shots names a folder.
func (b *tab) picture(name string) {
	if *shots == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.Logf("picture %s: %v", name, err)
		return
	}
	require.NoError(b, os.WriteFile(filepath.Join(*shots, name+".png"), png, 0o644))
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string can be encoded
	}
	return string(b)
}

func (b *tab) run(script string) {
	b.Helper()
	eval[chromedp.Void](b, script)
}
