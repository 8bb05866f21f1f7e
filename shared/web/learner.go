package web

import (
	"context"
	"net/http"

	"nod/shared/app"
	"nod/shared/domain"
)

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
		{Method: http.MethodGet, Path: "/v1/me", Who: learner, serve: a.showMe},
		{Method: http.MethodGet, Path: "/v1/me/copy", Who: learner, serve: a.copyMe},
		{Method: http.MethodPost, Path: "/v1/me/requests", Who: learner, MaxBody: requestBody, serve: a.ask},
		{Method: http.MethodGet, Path: "/v1/me/requests", Who: learner, serve: a.myRequests},
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
	c.credential = app.Handed(b.Code)
	return ok(a.Learner.OpenCode(ctx, c.asCall(), c.credential))
}

func (a API) withdrawByReceipt(ctx context.Context, c *call) (answer, error) {
	var b codeBody
	if err := c.bind(&b); err != nil {
		return answer{}, err
	}
	c.credential = app.Handed(b.Code)
	return ok(a.Learner.WithdrawByReceipt(ctx, c.asCall(), c.credential))
}

func (a API) learnerSession(ctx context.Context, c *call) (answer, error) {
	if c.r.Method == http.MethodHead { // sends no notice, so that none was shown
		return ok(struct{}{}, a.Learner.Authenticate(ctx, c.credential))
	}
	return ok(a.Learner.Session(ctx, c.credential, wantedLocale(c.r)))
}

// handedOver adds the picture that the other device reads the address from.
type handedOver struct {
	app.Handover
	QR string `json:"qr"`
}

func (a API) handOver(ctx context.Context, c *call) (answer, error) {
	if err := c.bindOptional(&struct{}{}); err != nil {
		return answer{}, a.Learner.OrStranger(ctx, c.credential, err)
	}
	h, err := a.Learner.HandOver(ctx, c.credential)
	if err != nil {
		return answer{}, err
	}
	picture, err := qrPicture(h.PageURL)
	return ok(handedOver{h, picture}, err)
}

func (a API) extend(ctx context.Context, c *call) (answer, error) {
	if err := c.bindOptional(&struct{}{}); err != nil {
		return answer{}, a.Learner.OrStranger(ctx, c.credential, err)
	}
	return ok(a.Learner.Extend(ctx, c.credential))
}

func (a API) decide(ctx context.Context, c *call) (answer, error) {
	var d domain.Decision
	if err := c.bind(&d); err != nil {
		return answer{}, a.Learner.OrStranger(ctx, c.credential, err)
	}
	return created(a.Learner.Decide(ctx, c.asCall(), c.credential, d))
}

func (a API) withdraw(ctx context.Context, c *call) (answer, error) {
	var w app.What
	if err := c.bindOptional(&w); err != nil {
		return answer{}, a.Learner.OrStranger(ctx, c.credential, err)
	}
	return ok(a.Learner.Withdraw(ctx, c.asCall(), c.credential, w))
}
