package localapi

import (
	"bytes"
	"context"
	"errors"
	"log"
	"net/http"
	"strings"
	"testing"
)

func TestFaultOfOurOwnIsToldWithoutItsText(t *testing.T) {
	s := newAPI(t)
	s.engine = nil // the first use panics
	e := compared(t, s, map[string]any{"ImageA": blank(64, 64), "ImageB": blank(64, 64)}).Error
	if e.Code != "InternalError" || strings.Contains(e.Message, "nil") {
		t.Errorf("got %v", e)
	}
	if len(s.slots) != 0 {
		t.Error("the place was not given back")
	}
}

func TestWaitingForAPlaceEndsWithTheRequest(t *testing.T) {
	s := newAPI(t)
	for range cap(s.slots) {
		s.slots <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	text := body(map[string]any{"ImageA": blank(64, 64), "ImageB": blank(64, 64)})
	if _, err := s.compare(ctx, []byte(text)); !errors.Is(err, errTimeout) {
		t.Errorf("got %v", err)
	}
}

func TestNothingIsLogged(t *testing.T) {
	var logged bytes.Buffer
	before := log.Writer()
	log.SetOutput(&logged)
	defer log.SetOutput(before)
	s := newAPI(t)
	for _, r := range []*http.Request{
		call{}.request(),
		call{key: "wrong"}.request(),
		call{body: body(map[string]any{"UrlA": "http://127.0.0.1:1/name.jpg"})}.request(),
		call{body: body(map[string]any{"ImageA": []byte("no image"), "ImageB": blank(64, 64)})}.request(),
	} {
		if send(t, s, r).Error.Code == "" {
			t.Error("no error")
		}
	}
	if logged.Len() > 0 {
		t.Errorf("logged %q", logged.String())
	}
}
