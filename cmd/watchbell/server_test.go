package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/watchbell/watchbell/adapters"
	"github.com/watchbell/watchbell/adapters/webchat"
	"github.com/watchbell/watchbell/core/engine"
	"github.com/watchbell/watchbell/store/storetest"
)

// faced makes a server that does not run, for its routes.
func faced(t *testing.T, public string) *server {
	t.Helper()
	e, err := engine.New(t.Context(), storetest.Memory(t), engine.Options{Secret: secret})
	require.NoError(t, err)
	s, err := newServer(e, serverOptions{listen: "127.0.0.1:0", publicURL: public, settings: adapters.Settings{WebChat: webchat.Config{Enabled: true}}},
		slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.listener.Close() })
	s.streams = t.Context()
	return s
}

func TestABasePathLeadsToTheChatHoweverItIsTyped(t *testing.T) {
	s := faced(t, "https://example.com/ops")
	for path, want := range map[string]string{"/ops": "/ops/", "/ops/": "/ops/chat"} {
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		require.Equal(t, http.StatusFound, w.Code, path)
		require.Equal(t, want, w.Header().Get("Location"), path)
	}
	for _, path := range []string{"/healthz", "/ops/healthz", "/metrics"} {
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		require.Equal(t, http.StatusOK, w.Code, path)
	}
}

func TestHalfOfWhatTLSNeedsIsRefused(t *testing.T) {
	require.NoError(t, checkPair("", ""))
	require.ErrorContains(t, checkPair("cert.pem", ""), "only one")
	require.ErrorContains(t, checkPair("cert.pem", "key.pem"), "read certificate")
	cert, key := selfSigned(t)
	require.NoError(t, checkPair(cert, key))
}

func selfSigned(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	require.NoError(t, err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	require.NoError(t, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	require.NoError(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), 0o600))
	return cert, key
}
