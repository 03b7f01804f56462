package ingress

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/watchbell/watchbell/adapters/ingress/normalize"
)

// maxBody is how large a body may be, unpacked.
const maxBody = 1 << 20

// gzipExtra is by how much packing may make a body larger instead of smaller.
const gzipExtra = 1 << 10

// body is a request's body, unpacked and within limits.
type body struct {
	raw    normalize.Raw // valid UTF-8
	came   []byte        // the bytes as they came
	mended bool          // raw differs from them
}

// kept is the body as it may be stored: as it came, without keys.
func (b body) kept() []byte {
	raw := b.raw
	raw.Body = b.came
	return normalize.Redact(raw)
}

// read takes the body in, in bounded time and memory.
func (in *Ingress) read(w http.ResponseWriter, r *http.Request, room *room) (body, error) {
	if err := checkMedia(r.Header.Get("Content-Type")); err != nil {
		return body{}, err
	}
	packed, err := isPacked(r.Header.Values("Content-Encoding"))
	if err != nil {
		return body{}, err
	}
	if r.ContentLength > maxBody+gzipExtra {
		return body{}, tooLarge()
	}
	length := r.ContentLength
	if packed {
		length = maxBody // how long it gets is not known
	}
	leave, err := room.enter(length)
	if err != nil {
		return body{}, err
	}
	defer leave()
	b, err := in.bytes(w, r, packed)
	if err != nil {
		return body{}, err
	}
	if len(b) > 1 && b[0] == 0x1f && b[1] == 0x8b {
		return body{}, refuse(http.StatusUnsupportedMediaType, "The body is packed more than once, or without saying so.",
			"Pack it with gzip once and send Content-Encoding: gzip.")
	}
	valid := utf8.Valid(b)
	raw := normalize.Raw{Body: b, Header: r.Header, Query: r.URL.Query(), Path: r.URL.Path}
	if !valid {
		raw.Body = bytes.ToValidUTF8(b, []byte("\uFFFD"))
	}
	return body{raw: raw, came: b, mended: !valid}, nil
}

// checkMedia lets pass what a normaliser may make sense of: JSON, text, and the form that
// curl -d claims to send.
func checkMedia(contentType string) error {
	if contentType == "" {
		return nil
	}
	media, params, err := mime.ParseMediaType(contentType)
	switch {
	case err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter):
	case unreadable(params["charset"]):
		return refuse(http.StatusUnsupportedMediaType, "The body's charset is not UTF-8.", "Send it as UTF-8.")
	case media == "text/plain", media == "application/json", media == "text/json", strings.HasSuffix(media, "+json"),
		media == "application/x-www-form-urlencoded":
		return nil
	}
	return refuse(http.StatusUnsupportedMediaType, "This content type cannot be read.",
		"Send application/json, or a line of text as text/plain.")
}

// unreadable charsets are those in which even plain ASCII looks different.
func unreadable(charset string) bool {
	c := strings.ToLower(charset)
	return strings.HasPrefix(c, "utf-16") || strings.HasPrefix(c, "utf16") || strings.HasPrefix(c, "utf-32") ||
		strings.HasPrefix(c, "utf-7") || strings.HasPrefix(c, "ucs-") || strings.HasPrefix(c, "iso-10646-ucs")
}

// isPacked tells whether the body is gzip; one layer is all we take.
func isPacked(encodings []string) (bool, error) {
	switch strings.ToLower(strings.TrimSpace(strings.Join(encodings, ","))) {
	case "", "identity":
		return false, nil
	case "gzip", "x-gzip":
		return true, nil
	}
	return false, refuse(http.StatusUnsupportedMediaType, "This content encoding cannot be unpacked.", "Send the body plain, or packed with gzip once.")
}

// bytes reads the body before its deadline, and never more than the limit of it.
func (in *Ingress) bytes(w http.ResponseWriter, r *http.Request, packed bool) ([]byte, error) {
	c := http.NewResponseController(w)
	deadline := c.SetReadDeadline(time.Now().Add(in.bodyTime)) == nil // else the server's own must do
	b, err := unpack(r.Body, packed)
	if deadline {
		// Left alone it would end the wait for the connection's next request.
		_ = c.SetReadDeadline(time.Time{})
	}
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, refuse(http.StatusRequestTimeout, "The body took too long to arrive.", "Send it in one go.")
	case err != nil && packed:
		return nil, refuse(http.StatusBadRequest, "The body is not whole gzip.", "Pack it again, or send it plain.")
	case err != nil:
		return nil, refuse(http.StatusBadRequest, "The body broke off.", "Send it again.")
	case len(b) > maxBody:
		return nil, tooLarge()
	}
	return b, nil
}

// unpack reads one byte more than is allowed, so that too much can be told from enough.
func unpack(body io.Reader, packed bool) ([]byte, error) {
	if !packed {
		return io.ReadAll(io.LimitReader(body, maxBody+1))
	}
	z, err := gzip.NewReader(io.LimitReader(body, 2*maxBody))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(z, maxBody+1))
}

func tooLarge() error {
	return refuse(http.StatusRequestEntityTooLarge, "The body is larger than 1 MiB.", "Send less detail, or several requests.")
}
