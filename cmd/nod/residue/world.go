package residue

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"nod/cmd/nod/demo"
	"nod/shared/domain"
)

// world is an enterprise with people who have agreed. It is made and moved by the
// public interface, in the process of `nod residue`: the function under test gets
// nothing but one check after the other.
type world struct {
	client demo.Client
	tenant demo.Tenant
	people int
}

const (
	lms      = "https://lms.example.com"
	photoURL = lms + "/photos/1029.jpg"
)

// newWorld enters the enterprise. Its notice for training asks for liveness, that for
// exams does not.
func newWorld(ctx context.Context, base, operatorKey string) (*world, error) {
	w := &world{client: demo.Client{Base: base, Locale: domain.English}}
	var err error
	if w.tenant, err = demo.Enter(ctx, w.client, operatorKey, lms, domain.Live); err != nil {
		return nil, err
	}
	notice, err := demo.Notice("training", w.tenant.Delegation)
	if err != nil {
		return nil, err
	}
	notice["facts"].(map[string]any)["liveness"] = true
	return w, w.call(ctx, http.MethodPost, "/v1/notices", w.tenant.Admin, notice, nil)
}

// person is somebody new who has agreed and is about to be checked, or to come back from
// the vendor's page.
func (w *world) person(ctx context.Context, k scenario, who identity) (token string, err error) {
	if token, err = w.agreed(ctx, w.request(k, who)); err == nil && k.back {
		err = w.call(ctx, http.MethodPost, "/v1/hosted", token, nil, nil)
	}
	return token, err
}

// request is the body that opens a session for a scenario.
func (w *world) request(k scenario, who identity) map[string]any {
	w.people++
	r := map[string]any{
		"kind": "check", "purpose": "exam", "route": cmp.Or(k.route, domain.Photo), "subject": fmt.Sprintf("emp-%d", w.people),
		"age_group": "adult", "resource": "residue",
	}
	switch {
	case k.route == "" && k.liveness:
		r["purpose"] = "training"
	case k.route != "":
		r["purpose"] = "realname"
	}
	switch {
	case k.route == "":
		r["reference"] = map[string]string{"photo_url": photoURL}
	case k.given:
		r["reference"] = map[string]any{"identity": map[string]string{"name": who.name, "id_number": who.number}}
	}
	return r
}

// agreed opens a session and agrees in it.
func (w *world) agreed(ctx context.Context, request map[string]any) (token string, err error) {
	var session struct{ Code string }
	if err = w.call(ctx, http.MethodPost, "/v1/sessions", w.tenant.Integrator, request, &session); err != nil {
		return "", err
	}
	var opened struct{ Token string }
	if err := w.call(ctx, http.MethodPost, "/v1/session/open", "", map[string]string{"code": session.Code}, &opened); err != nil {
		return "", err
	}
	var shown struct {
		Notice struct {
			ID     string
			SHA256 map[string]string
		}
	}
	if err := w.call(ctx, http.MethodGet, "/v1/session", opened.Token, nil, &shown); err != nil {
		return "", err
	}
	return opened.Token, w.call(ctx, http.MethodPost, "/v1/consent", opened.Token, map[string]string{
		"decision": "granted", "notice_id": shown.Notice.ID, "notice_sha256": shown.Notice.SHA256["en"], "locale": "en", "by": "self",
	}, nil)
}

func (w *world) call(ctx context.Context, method, path, bearer string, body, into any) error {
	r, err := w.client.Do(ctx, method, path, bearer, body)
	if err != nil {
		return err
	}
	if r.Status >= http.StatusBadRequest {
		return fmt.Errorf("%s %s: %d %s %s", method, path, r.Status, r.Problem.Type, r.Problem.Detail)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(r.Body, into)
}
