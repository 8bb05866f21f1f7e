package api

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// What follows stands in docs/integration.md as it is.

// Message is what Nod tells. More fields may come.
type Message struct {
	Type string
	Data struct {
		Session, Consent, Purpose, State, Result, Cause, Assertion string
		ClientRef                                                  string `json:"client_ref"`
	}
}

// Receive takes Nod's messages. A message may come twice, with the same id: do must bear
// that, and return once what it did is durable.
func Receive(secret string, do func(id string, m Message) error) (http.Handler, error) {
	nod, err := standardwebhooks.NewWebhook(secret)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil || nod.Verify(body, r.Header) != nil { // the body as it came, not read and written again
			http.Error(w, "not from Nod", http.StatusUnauthorized)
			return
		}
		var m Message
		if err = json.Unmarshal(body, &m); err == nil {
			err = do(r.Header.Get("webhook-id"), m)
		}
		if err != nil {
			http.Error(w, "come again", http.StatusServiceUnavailable) // Nod will
		}
	}), err
}

func TestTheReceiverOfTheGuideTakesMessages(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("receiver_test.go")
	if err != nil {
		t.Fatal(err)
	}
	guide, err := os.ReadFile("../../docs/integration.md")
	if err != nil {
		t.Fatal(err)
	}
	_, code, _ := strings.Cut(string(source), "as it is.\n\n")
	code, _, _ = strings.Cut(code, "\nfunc Test")
	if !strings.Contains(string(guide), code) {
		t.Error("docs/integration.md does not hold the receiver as it is")
	}

	w := newWorld(t, setup{})
	h, c := w.house(t), newConsumer(t, w)
	var messages []Message
	var ids []string
	receiver, err := Receive(h.hears(c), func(id string, m Message) error {
		ids, messages = append(ids, id), append(messages, m)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	c.passesOn(receiver)
	p := h.inSession()
	p.decide("granted").ok(201)
	p.verify("a1").verdict("pass")
	w.tick(t)
	if len(messages) != 1 || messages[0].Type != "session.completed" || messages[0].Data.ClientRef != "attempt-88121" ||
		messages[0].Data.Result != "pass" || text(p.claims(t, messages[0].Data.Assertion), "sub") != p.subject {
		t.Errorf("it took %+v", messages)
	}
	if list := items(h.do(t, "GET", "/v1/webhooks?state=delivered", h.admin, nil).ok(200)); len(list) != 1 || list[0]["id"] != ids[0] {
		t.Errorf("delivered are %v, of the ids %v", list, ids)
	}
	// With another secret it takes nothing.
	stranger, err := Receive("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", func(string, Message) error { t.Error("taken"); return nil })
	if err != nil {
		t.Fatal(err)
	}
	c.passesOn(stranger)
	h.visitor().end("cancel", nil).ok(200)
	w.tick(t)
	if list := items(h.do(t, "GET", "/v1/webhooks?state=waiting", h.admin, nil).ok(200)); len(list) != 1 || list[0]["status"] != 401.0 {
		t.Errorf("waiting are %v", list)
	}
}
