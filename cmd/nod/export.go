package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// exporting is an auditor's side of an export.
type exporting struct {
	base, key string
	out       io.Writer // where progress is told
	every     time.Duration
}

// exported is what the interface says of an export.
type exported struct {
	ID, State, SHA256 string
	Dossier           bool
	Done, Of, Bytes   int64
	LeftS             *int64 `json:"left_s"`
}

func exportBundle(ctx context.Context, args []string) error {
	f := flags("export", "have a bundle of an enterprise's records made, wait for it, fetch it, and check that it arrived whole")
	base := f.String("url", "http://127.0.0.1:8080", "address of Nod")
	key := f.String("key", "", "an auditor's key; by default NOD_AUDITOR_KEY of the environment, which no list of processes shows")
	from := f.String("from", "", "first instant, RFC 3339 (2026-11-01T00:00:00+08:00), or a day, which begins where UTC is: 2026-11-01 (needed, unless -subject is given)")
	to := f.String("to", "", "the instant before which it ends, or a day; with -subject both may be left out")
	purposes := f.String("purposes", "", "those alone, with commas between; all if empty")
	subject := f.String("subject", "", "one person alone, by the id at the platform; with no time and no purposes it is their dossier, all that there is about them")
	identifiers := f.String("identifiers", "pseudonyms", "pseudonyms, or subjects to have the platform's ids beside them")
	reason := f.String("reason", "", "why people are to be named, or one asked about: authority_inquiry, audit, investigation, breach_notification, end_of_service, legal_proceedings")
	file := f.String("o", "", "the file to write; nod-ID.zip if empty, nod-dossier-ID.zip of a dossier")
	if err := parse(f, args); err != nil {
		return err
	}
	if err := window(*from, *to, *subject); err != nil {
		return err
	}
	wish := map[string]any{"identifiers": *identifiers}
	if *purposes != "" {
		wish["purposes"] = strings.Split(*purposes, ",")
	}
	for name, text := range map[string]string{"from": instantOf(*from), "to": instantOf(*to), "subject": *subject, "reason": *reason} {
		if text != "" {
			wish[name] = text
		}
	}
	x := exporting{strings.TrimRight(*base, "/"), cmp.Or(*key, os.Getenv("NOD_AUDITOR_KEY")), io.Discard, 2 * time.Second}
	if isTerminal(os.Stderr) {
		x.out = os.Stderr
	}
	if x.key == "" {
		return errors.New("there is no key: say -key, or set NOD_AUDITOR_KEY")
	}
	if err := canBeMade(*file); err != nil { // before the order, which is on record for good
		return err
	}
	name, err := x.run(ctx, wish, *file)
	if err == nil {
		fmt.Println(name)
	}
	return err
}

// canBeMade reports whether a file of a name can be written, and is not there yet: what is
// there may be evidence.
func canBeMade(name string) error {
	if name == "" {
		return nil
	}
	if _, err := os.Stat(name); err == nil {
		return fmt.Errorf("%s is there already: name another file", name)
	}
	if info, err := os.Stat(filepath.Dir(name)); err != nil || !info.IsDir() {
		return fmt.Errorf("there is no folder for %s", name)
	}
	return nil
}

// window refuses times that are missing or none, in the command's words and not in those of
// the interface.
func window(from, to, subject string) error {
	var at [2]time.Time
	for i, name := range []string{"from", "to"} {
		text, err := instantOf([]string{from, to}[i]), error(nil)
		switch {
		case text == "" && subject != "":
			continue
		case text == "":
			return fmt.Errorf("-%s is missing: -from and -to are needed, unless -subject is given", name)
		}
		if at[i], err = time.Parse(time.RFC3339, text); err != nil {
			return fmt.Errorf("-%s is no day (2026-11-01) and no instant (2026-11-01T00:00:00+08:00): %q", name, text)
		}
	}
	if !at[1].IsZero() && !at[0].Before(at[1]) {
		return errors.New("-to must be after -from; a whole day ends with the next one")
	}
	return nil
}

// instantOf takes a day for its beginning, where UTC is.
func instantOf(text string) string {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day.Format(time.RFC3339)
	}
	return text
}

func (x exporting) run(ctx context.Context, wish any, file string) (name string, err error) {
	var e exported
	if err := x.call(ctx, http.MethodPost, "/v1/exports", wish, &e); err != nil {
		return "", err
	}
	if err := x.wait(ctx, &e); err != nil {
		return "", err
	}
	name = "nod-" + e.ID + ".zip"
	if e.Dossier {
		name = "nod-dossier-" + e.ID + ".zip"
	}
	name = cmp.Or(file, name)
	return name, x.fetch(ctx, e, name)
}

// wait tells how far the export is until it is ready.
func (x exporting) wait(ctx context.Context, e *exported) error {
	ticks := time.NewTicker(x.every)
	defer ticks.Stop()
	for {
		left := ""
		if e.LeftS != nil {
			left = fmt.Sprintf(", about %d s left", *e.LeftS)
		}
		fmt.Fprintf(x.out, "\r%s: %d of %d records%s   ", e.State, e.Done, e.Of, left)
		switch e.State {
		case "ready":
			fmt.Fprintln(x.out)
			return nil
		case "failed", "expired":
			fmt.Fprintln(x.out)
			return fmt.Errorf("the export %s has %s", e.ID, e.State)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the export %s goes on without you: %w", e.ID, ctx.Err())
		case <-ticks.C:
		}
		*e = exported{ID: e.ID}
		if err := x.call(ctx, http.MethodGet, "/v1/exports/"+e.ID, nil, e); err != nil {
			return err
		}
	}
}

// call makes a call of the interface; a problem becomes its words.
func (x exporting) call(ctx context.Context, method, path string, body, into any) error {
	var payload io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		payload = bytes.NewReader(text)
	}
	answer, err := x.do(ctx, method, x.base+path, payload, true)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= http.StatusMultipleChoices {
		return problemIn(answer)
	}
	return json.NewDecoder(answer.Body).Decode(into)
}

func problemIn(answer *http.Response) error {
	var p struct {
		Title, Detail string
		Errors        []struct{ Field, Detail string }
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, 1<<20)).Decode(&p); err != nil || p.Title == "" {
		return fmt.Errorf("answered %s", answer.Status)
	}
	text := p.Title + ". " + p.Detail
	for _, f := range p.Errors {
		text += "\n  " + f.Field + ": " + f.Detail
	}
	return errors.New(text)
}

// do sends the key to Nod alone: where the bundle lies, its address is enough.
func (x exporting) do(ctx context.Context, method, address string, body io.Reader, keyed bool) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if keyed {
		r.Header.Set("Authorization", "Bearer "+x.key)
		r.Header.Set("Accept-Language", "en")
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	if asked, ok := errors.AsType[*url.Error](err); ok {
		return nil, asked.Err // without the address, which may be a key by itself
	}
	return answer, err
}

// fetch writes the bundle to a file, which is there only when it is whole.
func (x exporting) fetch(ctx context.Context, e exported, name string) error {
	answer, err := x.do(ctx, http.MethodGet, x.base+"/v1/exports/"+e.ID+"/bundle", nil, true)
	if err == nil && answer.StatusCode == http.StatusFound {
		answer.Body.Close()
		answer, err = x.do(ctx, http.MethodGet, answer.Header.Get("Location"), nil, false)
	}
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return problemIn(answer)
	}
	half, err := os.CreateTemp(filepath.Dir(name), ".nod-export-")
	if err != nil {
		return err
	}
	defer os.Remove(half.Name())
	sum := sha256.New()
	_, err = io.Copy(io.MultiWriter(half, sum), answer.Body)
	if err = errors.Join(err, half.Close()); err != nil {
		return err
	}
	if hex.EncodeToString(sum.Sum(nil)) != e.SHA256 {
		return fmt.Errorf("what arrived is not the bundle that was made: fetch %s again", e.ID)
	}
	return os.Rename(half.Name(), name)
}
