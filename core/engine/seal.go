package engine

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"

	"github.com/watchbell/watchbell/core"
)

// sealer keeps integration keys readable for those who may edit their source, and for
// nobody who only has the database: AES-GCM under a key derived from WATCHBELL_SECRET.
type sealer struct {
	aead cipher.AEAD
	mac  []byte
}

func newSealer(secret core.Secret) sealer {
	block, err := aes.NewCipher(derive(secret, "seal"))
	if err != nil {
		panic(err) // the derived key has the right length
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // AES has the block size GCM wants
	}
	return sealer{aead: aead, mac: derive(secret, "sign")}
}

func derive(secret core.Secret, purpose string) []byte {
	key, err := hkdf.Key(sha256.New, []byte(secret.Reveal()), nil, "watchbell "+purpose+" v1", 32)
	if err != nil {
		panic(err) // 32 bytes are not too many
	}
	return key
}

// check tells whether a secret is the one a database was made with, and nothing else
// about it.
func (s sealer) check() []byte { return s.sign("check") }

func (s sealer) sign(text string) []byte {
	h := hmac.New(sha256.New, s.mac)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// seal and open bind the sealed text to what it is about, so that one row's secret
// cannot be moved to another.
func (s sealer) seal(plain core.Secret, about []byte) []byte {
	nonce := make([]byte, s.aead.NonceSize())
	rand.Read(nonce)
	return s.aead.Seal(nonce, nonce, []byte(plain.Reveal()), about)
}

func (s sealer) open(sealed, about []byte) (core.Secret, error) {
	n := s.aead.NonceSize()
	if len(sealed) < n {
		return "", fmt.Errorf("sealed secret of %d bytes is too short", len(sealed))
	}
	plain, err := s.aead.Open(nil, sealed[:n], sealed[n:], about)
	if err != nil {
		return "", fmt.Errorf("open a sealed secret: %w", err)
	}
	return core.Secret(plain), nil
}

// Sign is an HMAC over text for a purpose, under WATCHBELL_SECRET: what leaves with it
// comes back unforged.
func (e *Engine) Sign(purpose, text string) []byte { return e.keys.sign(purpose + "\x00" + text) }

// newKey makes an integration key in the shape that people know: il1, a hint of the
// type, and 128 random bits.
func newKey(integration string) core.Secret {
	hint := strings.ToLower(integration)
	if len(hint) > 4 {
		hint = hint[:4]
	}
	var b [16]byte
	rand.Read(b[:])
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:])
	return core.Secret("il1" + hint + "-" + strings.ToLower(text))
}
