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

// LearnerRoutes are the calls of a person's page, but for the check itself.
func (a API) LearnerRoutes() []Route {
	learner := []domain.Role{Learner}
	return []Route{
		{Method: http.MethodPost, Path: "/v1/session/open", serve: a.openCode},
		{Method: http.MethodGet, Path: "/v1/session", Who: learner, serve: a.learnerSession},
		{Method: http.MethodPost, Path: "/v1/session/handover", Who: learner, serve: a.handOver},
		{Method: http.MethodPost, Path: "/v1/session/extend", Who: learner, serve: a.extend},
		{Method: http.MethodPost, Path: "/v1/consent", Who: learner, serve: a.decide},
		{Method: http.MethodPost, Path: "/v1/me/withdraw", Who: learner, serve: a.withdraw},
		{Method: http.MethodPost, Path: "/v1/withdraw", serve: a.withdrawByReceipt},
	}
}

// CheckRoutes is the check itself, which is a function of its own.
func (a API) CheckRoutes() []Route {
	return []Route{
		{Method: http.MethodPost, Path: "/v1/verify", Who: []domain.Role{Learner}, MaxBody: verifyBody, serve: a.verify},
	}
}

type codeBody struct {
	Code string `json:"code"`
}

func (a API) openCode(ctx context.Context, c *call) (answer, error) {
	var b codeBody
	if err := c.bind(&b); err != nil {
		return answer{}, err
	}
	return ok(a.Learner.OpenCode(ctx, c.asCall(), b.Code))
}

func (a API) withdrawByReceipt(ctx context.Context, c *call) (answer, error) {
	var b codeBody
	if err := c.bind(&b); err != nil {
		return answer{}, err
	}
	return ok(a.Learner.WithdrawByReceipt(ctx, c.asCall(), b.Code))
}

func (a API) learnerSession(ctx context.Context, c *call) (answer, error) {
	if c.r.Method == http.MethodHead { // sends no notice, so that none was shown
		return ok(struct{}{}, a.Learner.Authenticate(ctx, c.bearer))
	}
	return ok(a.Learner.Session(ctx, c.bearer, wantedLocale(c.r)))
}

// handedOver adds the picture that the other device reads the address from.
type handedOver struct {
	app.Handover
	QR string `json:"qr"`
}

func (a API) handOver(ctx context.Context, c *call) (answer, error) {
	if err := c.bindOptional(&struct{}{}); err != nil {
		return answer{}, a.Learner.OrStranger(ctx, c.bearer, err)
	}
	h, err := a.Learner.HandOver(ctx, c.bearer)
	if err != nil {
		return answer{}, err
	}
	picture, err := qrPicture(h.PageURL)
	return ok(handedOver{h, picture}, err)
}

func (a API) extend(ctx context.Context, c *call) (answer, error) {
	if err := c.bindOptional(&struct{}{}); err != nil {
		return answer{}, a.Learner.OrStranger(ctx, c.bearer, err)
	}
	return ok(a.Learner.Extend(ctx, c.bearer))
}

func (a API) decide(ctx context.Context, c *call) (answer, error) {
	var d domain.Decision
	if err := c.bind(&d); err != nil {
		return answer{}, a.Learner.OrStranger(ctx, c.bearer, err)
	}
	return created(a.Learner.Decide(ctx, c.asCall(), c.bearer, d))
}

func (a API) withdraw(ctx context.Context, c *call) (answer, error) {
	var b struct {
		Purpose domain.Purpose `json:"purpose"`
	}
	if err := c.bindOptional(&b); err != nil {
		return answer{}, a.Learner.OrStranger(ctx, c.bearer, err)
	}
	return ok(a.Learner.Withdraw(ctx, c.asCall(), c.bearer, b.Purpose))
}

// verification is the body of POST /v1/verify.
type verification struct {
	AttemptID string             `json:"attempt_id"`
	Image     lent.Text          `json:"image"`
	Capture   domain.CaptureKind `json:"capture"`
	Name      string             `json:"name"`
	IDNumber  string             `json:"id_number"`
}

func (a API) verify(ctx context.Context, c *call) (answer, error) {
	if c.isLarge() {
		if err := a.Learner.Authenticate(ctx, c.bearer); err != nil {
			return answer{}, err
		}
	}
	v, err := c.bindVerification()
	if err != nil {
		return answer{}, a.Learner.OrStranger(ctx, c.bearer, err)
	}
	return ok(a.Checks.Verify(ctx, c.bearer, v))
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
	var b verification
	if err := strict(doc, &b); err != nil {
		return v, err
	}
	image, err := doc.Take(b.Image)
	if err != nil {
		return v, domain.Refuse(domain.MalformedJSON)
	}
	if b.Capture == "" {
		b.Capture = domain.FromStream
	}
	var fields []domain.FieldFault
	switch {
	case b.AttemptID == "":
		fields = append(fields, domain.FieldFault{Field: "attempt_id", Code: domain.Missing})
	case !domain.AttemptID.MatchString(b.AttemptID):
		fields = append(fields, domain.FieldFault{Field: "attempt_id", Code: domain.BadFormat})
	}
	if b.Capture != domain.FromStream && b.Capture != domain.FromPhoto {
		fields = append(fields, domain.FieldFault{Field: "capture", Code: domain.NotAllowed})
	}
	// No route that takes them exists yet.
	if b.Name != "" {
		fields = append(fields, domain.FieldFault{Field: "name", Code: domain.NotAllowed})
	}
	if b.IDNumber != "" {
		fields = append(fields, domain.FieldFault{Field: "id_number", Code: domain.NotAllowed})
	}
	if len(fields) > 0 {
		return v, &domain.Refusal{Reason: domain.InvalidValue, Fields: fields}
	}
	return app.Verification{Attempt: b.AttemptID, Capture: domain.NewCapture(image, b.Capture)}, nil
}
