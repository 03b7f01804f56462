package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

type healthcheckCmd struct {
	Listen  string `var:"WATCHBELL_LISTEN" default:"127.0.0.1:8080" placeholder:"ADDRESS" help:"where the service listens [$WATCHBELL_LISTEN]"`
	TLSCert string `var:"WATCHBELL_TLS_CERT" name:"tls-cert" placeholder:"FILE" help:"the service's certificate, if it has one [$WATCHBELL_TLS_CERT]"`
	URL     string `var:"WATCHBELL_URL" name:"url" placeholder:"URL" help:"or its address from here [$WATCHBELL_URL]"`
}

func (c *healthcheckCmd) Run(a *app) error {
	url := c.URL
	client := http.DefaultClient
	if url == "" {
		host, port, err := net.SplitHostPort(c.Listen)
		if err != nil {
			return err
		}
		if host == "" || host == "0.0.0.0" || host == "::" {
			host = "127.0.0.1"
		}
		url = "http://" + net.JoinHostPort(host, port)
		if c.TLSCert != "" {
			url = "https://" + net.JoinHostPort(host, port)
			if client, err = trusting(c.TLSCert); err != nil {
				return err
			}
		}
		if public, err := publicURL(a.PublicURL, c.Listen, false); err == nil {
			url += public.Path
		}
	}
	ctx, cancel := context.WithTimeout(a.ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/readyz", nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s/readyz answered %s", url, resp.Status)
	}
	fmt.Fprintln(a.out, "ready")
	return nil
}

// trusting trusts exactly the service's own certificate, whoever issued it and whatever
// name it has: the question is whether the service answers.
func trusting(file string) (*http.Client, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the certificate: %w", err)
	}
	block, _ := pem.Decode(b)
	if block == nil {
		return nil, fmt.Errorf("%s is not a PEM certificate", file)
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read the certificate: %w", err)
	}
	c := &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
	c.RootCAs.AddCert(cert)
	if len(cert.DNSNames) > 0 {
		c.ServerName = strings.Replace(cert.DNSNames[0], "*", "www", 1)
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: c}}, nil
}
