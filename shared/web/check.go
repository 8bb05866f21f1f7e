package web

import (
	"context"
	"net/http"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/runtime/lent"
)

// verifyBody leaves room for an image over the limit, so that it is refused for
// what it is; an event of the clouds is 6 MB at most.
const verifyBody = 6 << 20

// CheckRoutes is the check itself, which is a function of its own: the only one that
// reaches the face API.
func (a API) CheckRoutes() []Route {
	learner := []domain.Role{Learner}
	return []Route{
		{Method: http.MethodPost, Path: "/v1/verify", Who: learner, MaxBody: verifyBody, serve: a.verify},
		{Method: http.MethodPost, Path: "/v1/hosted", Who: learner, serve: a.leave},
		{Method: http.MethodPost, Path: "/v1/hosted/result", Who: learner, serve: a.comeBack},
	}
}

// leave takes no word of the browser's but its token.
func (a API) leave(ctx context.Context, c *call) (answer, error) {
	if err := c.bindOptional(&struct{}{}); err != nil {
		return answer{}, a.Learner.OrStranger(ctx, c.credential, err)
	}
	return ok(a.Checks.Leave(ctx, c.credential))
}

func (a API) comeBack(ctx context.Context, c *call) (answer, error) {
	if err := c.bindOptional(&struct{}{}); err != nil {
		return answer{}, a.Learner.OrStranger(ctx, c.credential, err)
	}
	return c.verdict(a.Checks.Return(ctx, c.credential))
}

// verification is the body of POST /v1/verify. What is about a person stays where it
// lies, in the one buffer that is wiped.
type verification struct {
	AttemptID string             `json:"attempt_id"`
	Image     lent.Text          `json:"image"`
	Capture   domain.CaptureKind `json:"capture"`
	Name      lent.Text          `json:"name"`
	IDNumber  lent.Text          `json:"id_number"`
}

func (a API) verify(ctx context.Context, c *call) (answer, error) {
	if c.isLarge() {
		if err := a.Learner.Authenticate(ctx, c.credential); err != nil {
			return answer{}, err
		}
	}
	v, err := c.bindVerification()
	defer clear(c.body) // after this nobody reads it
	if err != nil {
		return answer{}, a.Learner.OrStranger(ctx, c.credential, err)
	}
	return c.verdict(a.Checks.Verify(ctx, c.credential, v))
}

// verdict answers with what came of a check, and leaves word of it for the log.
func (c *call) verdict(v app.Verdict, err error) (answer, error) {
	c.result = v.Result
	return ok(v, err)
}

func (c *call) bindVerification() (v app.Verification, err error) {
	if err := c.read(); err != nil {
		return v, err
	}
	doc, err := lent.Open(c.body)
	switch {
	case err != nil && !lent.Whole(c.body).UTF8():
		return v, domain.Refuse(domain.NotUTF8)
	case err != nil:
		return v, domain.Refuse(domain.MalformedJSON)
	}
	defer doc.Wipe()
	var b verification
	if err := strict(doc, &b); err != nil {
		return v, err
	}
	texts := [3][]byte{}
	for i, t := range []lent.Text{b.Image, b.Name, b.IDNumber} {
		if texts[i], err = doc.Take(t); err != nil {
			return v, domain.Refuse(domain.MalformedJSON)
		}
	}
	if b.Capture == "" {
		b.Capture = domain.FromStream
	}
	if err := b.check(); err != nil {
		return v, err
	}
	v = app.Verification{Attempt: b.AttemptID, Capture: domain.NewCapture(texts[0], b.Capture)}
	if len(texts[1])+len(texts[2]) > 0 {
		v.Identity = &domain.Identity{Name: texts[1], IDNumber: texts[2]}
	}
	return v, nil
}

// check names every faulty field; what a route needs is told behind the gate.
func (b verification) check() error {
	var fields []domain.FieldFault
	fault := func(field, code string) {
		fields = append(fields, domain.FieldFault{Field: field, Code: code})
	}
	switch {
	case b.AttemptID == "":
		fault("attempt_id", domain.Missing)
	case !domain.AttemptID.MatchString(b.AttemptID):
		fault("attempt_id", domain.BadFormat)
	}
	if b.Capture != domain.FromStream && b.Capture != domain.FromPhoto {
		fault("capture", domain.NotAllowed)
	}
	if len(fields) > 0 {
		return &domain.Refusal{Reason: domain.InvalidValue, Fields: fields}
	}
	return nil
}
