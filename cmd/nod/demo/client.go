// Package demo enters a demo enterprise and plays Nod's whole job against a running
// server. It uses the public interface alone, as an LMS or an administrator would.
package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"nod/shared/domain"
)

// Client calls Nod's interface.
type Client struct {
	Base   string
	Locale domain.Locale // of problems; empty for the server's choice
}

// Reply is an answer: a body, or a problem where the status is 400 or above.
type Reply struct {
	Status  int
	Body    []byte
	Problem Problem
}

// Problem is the part of a problem document that the demo shows.
type Problem struct {
	Type        string `json:"type"`
	Title       string `json:"title"`
	Detail      string `json:"detail"`
	AttemptUsed *bool  `json:"attempt_used"`
}

// Do makes one call. The error is about the connection alone.
func (c Client) Do(ctx context.Context, method, path, bearer string, body any) (r Reply, err error) {
	var payload io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return r, err
		}
		payload = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.Base+path, payload)
	if err != nil {
		return r, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	if c.Locale != "" {
		req.Header.Set("Accept-Language", string(c.Locale))
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return r, err
	}
	defer resp.Body.Close()
	r.Status = resp.StatusCode
	if r.Body, err = io.ReadAll(resp.Body); err != nil {
		return r, err
	}
	if r.Status >= 400 {
		_ = json.Unmarshal(r.Body, &r.Problem) // what is no problem document shows as an empty type
	}
	return r, nil
}

// call makes one call that must succeed and reads its answer.
func (c Client) call(ctx context.Context, method, path, bearer string, body, into any) error {
	r, err := c.Do(ctx, method, path, bearer, body)
	if err != nil {
		return err
	}
	if r.Status >= 400 {
		return fmt.Errorf("%s %s: %d %s: %s %s", method, path, r.Status, r.Problem.Type, r.Problem.Title, r.Problem.Detail)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(r.Body, into)
}
