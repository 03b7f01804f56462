package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

type healthcheckCmd struct {
	Listen string `var:"WATCHBELL_LISTEN" default:"127.0.0.1:8080" placeholder:"ADDRESS" help:"where the service listens [$WATCHBELL_LISTEN]"`
	URL    string `var:"WATCHBELL_URL" name:"url" placeholder:"URL" help:"or its address from here [$WATCHBELL_URL]"`
}

func (c *healthcheckCmd) Run(a *app) error {
	url := c.URL
	if url == "" {
		host, port, err := net.SplitHostPort(c.Listen)
		if err != nil {
			return err
		}
		if host == "" || host == "0.0.0.0" || host == "::" {
			host = "127.0.0.1"
		}
		url = "http://" + net.JoinHostPort(host, port)
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
	resp, err := http.DefaultClient.Do(req)
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
