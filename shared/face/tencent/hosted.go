package tencent

import (
	"context"
	"strconv"

	"nod/shared/domain"
)

// Visit asks for a page of the vendor's (DetectAuth), named after whom the LMS named, if
// it did.
func (a *API) Visit(ctx context.Context, p *domain.Permit, c domain.Comparison, back string) (v domain.Visit, o domain.Outcome) {
	ctx, cancel, err := p.Spend(ctx, domain.Hosted)
	if err != nil {
		return v, domain.Inconclusive(domain.PermitForbidden)
	}
	defer cancel()
	if a.rule == "" {
		return v, domain.Inconclusive(domain.FaceAPIRefused)
	}
	b, err := a.naming(struct{ RuleId, RedirectUrl string }{a.rule, back}, c.Reference.Identity, "", nil)
	if err != nil {
		return v, domain.Inconclusive(domain.Internal)
	}
	said, failed := a.ask(ctx, a.faceID, "DetectAuth", b)
	if failed != nil {
		return v, *failed
	}
	v = domain.Visit{URL: said.Response.URL, Token: said.Response.BizToken}
	if v.Token == "" || len(v.Token) > 1000 || !domain.SafeURL(v.URL, a.faceID.tls == nil) {
		return domain.Visit{}, domain.Inconclusive(domain.FaceAPIGarbled)
	}
	return v, domain.Outcome{}
}

// Collect fetches what came of a visit (GetDetectInfoEnhanced). InfoType 1 asks for the
// text alone: the default, 0, would bring the person's pictures and video along. Of the
// text, which has their name, number, address and more, the verdict alone is read. Where
// none came, it can be asked for again: that only reads, and costs nothing, while to send
// the person there again would.
func (a *API) Collect(ctx context.Context, p *domain.Permit, c domain.Comparison) domain.Outcome {
	ctx, cancel, err := p.Spend(ctx, domain.Hosted)
	if err != nil {
		return domain.Outcome{Result: domain.NotPerformed, Reason: domain.PermitForbidden, Again: true}
	}
	defer cancel()
	if c.Reference.Visit == nil {
		return domain.Inconclusive(domain.Internal)
	}
	b, err := newBody(struct{ BizToken, RuleId, InfoType string }{c.Reference.Visit.Token, a.rule, "1"}, "", nil)
	if err != nil {
		return domain.Inconclusive(domain.Internal)
	}
	said, failed := a.ask(ctx, a.faceID, "GetDetectInfoEnhanced", b)
	if failed != nil {
		failed.Again = failed.Reason != domain.HostedExpired
		return *failed
	}
	text := said.Response.Text
	switch {
	case text == nil:
		return domain.Outcome{Result: domain.NotPerformed, Reason: domain.FaceAPIGarbled, Again: true}
	case text.ErrCode == nil:
		return domain.Outcome{Result: domain.NotPerformed, Reason: domain.HostedUnfinished, Again: true}
	}
	o := visitCodes.Meaning(strconv.FormatInt(*text.ErrCode, 10))
	if o.Result == domain.Pass && !(zero(text.LiveStatus) && zero(text.CompareStatus)) {
		return domain.Inconclusive(domain.FaceAPIGarbled) // it says two things at once
	}
	o.Liveness = o.Result == domain.Pass || o.Result == domain.Fail
	return o
}

func zero(status *int64) bool { return status != nil && *status == 0 }
