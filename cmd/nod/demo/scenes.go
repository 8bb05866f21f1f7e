package demo

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"nod/shared/assertion"
	"nod/shared/domain"
	"nod/shared/face/localapi/portraits"
)

func (p *play) enterprise(ctx context.Context) (err error) {
	p.scene("1  The enterprise sets the rules")
	p.tenant, err = Enter(ctx, p.Client, p.Operator, p.Photos, domain.Live)
	if err != nil {
		return err
	}
	var list struct {
		Items []struct {
			Status  string
			Version int
			SHA256  string `json:"sha256"`
		}
	}
	if err := p.Client.call(ctx, http.MethodGet, "/v1/delegations", p.tenant.Admin, nil, &list); err != nil {
		return err
	}
	d := list.Items[0]
	p.check(d.Status == "in_force", "a delegation to the operator is in force", fmt.Sprintf("v%d %s", d.Version, d.SHA256[:12]))
	var notices struct {
		Items []struct {
			Purpose, Audience string
			Version           int
			SHA256            map[string]string `json:"sha256"`
		}
	}
	if err := p.Client.call(ctx, http.MethodGet, "/v1/notices", p.tenant.Admin, nil, &notices); err != nil {
		return err
	}
	for _, n := range notices.Items {
		p.check(len(n.SHA256) == 2, fmt.Sprintf("a notice for %s (%s) is out in two languages", n.Purpose, n.Audience),
			fmt.Sprintf("v%d %s", n.Version, n.SHA256["zh-CN"][:12]))
	}
	return nil
}

func (p *play) askFirst(ctx context.Context) error {
	p.scene("2  Lin opens the exam: nothing happens before she agrees")
	lin := p.lin
	state, err := p.visit(ctx, lin)
	if err != nil {
		return err
	}
	p.check(state == "open", "the learning platform opens a session", state)
	again, err := p.Client.Do(ctx, http.MethodPost, "/v1/session/open", "", object{"code": lin.code})
	if err != nil {
		return err
	}
	p.refused(again, "the link opened a second time is turned away", "code-used")
	same, _, err := pictures()
	if err != nil {
		return err
	}
	r, err := p.verify(ctx, lin, "too-early", same)
	if err != nil {
		return err
	}
	p.refused(r, "a photo sent before any consent goes nowhere", "consent-required")
	_, n, _, err := p.look(ctx, lin)
	if err != nil {
		return err
	}
	locale := string(p.Client.Locale)
	p.check(n.Version == 1 && len(n.Contents) == 2, "her page shows the notice", fmt.Sprintf("v%d %s", n.Version, n.SHA256[locale][:12]))
	c := n.Contents[locale]
	p.say("%s\n%s\n[ ] %s", c.Title, wrap(c.Summary, textWidth), wrap(c.Agree, textWidth))
	if err := p.decide(ctx, lin, "granted"); err != nil {
		return err
	}
	p.check(lin.receipt.State == "consented" && lin.receipt.WithdrawURL != "", "she agrees, and gets a receipt that can withdraw",
		"record "+lin.receipt.LeafHash[:12])
	return nil
}

func (p *play) checks(ctx context.Context) error {
	p.scene("3  One face, one reference: pass or fail")
	lin := p.lin
	same, none, err := pictures()
	if err != nil {
		return err
	}
	r, err := p.verify(ctx, lin, "a1", none)
	if err != nil {
		return err
	}
	_, _, left, err := p.look(ctx, lin)
	if err != nil {
		return err
	}
	p.refused(r, "a picture of a field is rejected with advice", "no-face")
	p.say("%s\n%s", r.Problem.Title, wrap(r.Problem.Detail, textWidth))
	p.check(left == 3 && r.Problem.AttemptUsed != nil && !*r.Problem.AttemptUsed, "and uses no attempt", fmt.Sprintf("%d left", left))
	if r, err = p.verify(ctx, lin, "a2", base64.StdEncoding.EncodeToString(portraits.Hopper)); err != nil {
		return err
	}
	p.result(r, "another person's photo", "fail")
	if r, err = p.verify(ctx, lin, "a3", same); err != nil {
		return err
	}
	p.result(r, "her own photo: turned, darker, compressed", "pass")
	return p.trust(ctx)
}

// trust verifies the assertion as a learning platform must.
func (p *play) trust(ctx context.Context) error {
	s, err := p.sessionOf(ctx, p.lin)
	if err != nil {
		return err
	}
	var keys jose.JSONWebKeySet
	if err := p.Client.call(ctx, http.MethodGet, "/.well-known/jwks.json", "", nil, &keys); err != nil {
		return err
	}
	jws, err := jose.ParseSignedCompact(text(s["assertion"]), []jose.SignatureAlgorithm{jose.EdDSA})
	if err != nil {
		return err
	}
	payload, err := jws.Verify(keys)
	typ := jws.Signatures[0].Protected.ExtraHeaders[jose.HeaderType]
	p.check(err == nil && typ == assertion.Type && strings.Contains(string(payload), `"result":"pass"`),
		"the platform verifies the signed assertion", fmt.Sprint(typ))
	return nil
}

func (p *play) refusal(ctx context.Context) error {
	p.scene("4  Chen refuses: it costs nothing, the alternative is there")
	chen := &person{subject: "emp-2044"}
	if _, err := p.visit(ctx, chen); err != nil {
		return err
	}
	if err := p.decide(ctx, chen, "refused"); err != nil {
		return err
	}
	p.check(chen.receipt.State == "refused", "refusing takes the same one step", chen.receipt.State)
	_, n, _, err := p.look(ctx, chen)
	if err != nil {
		return err
	}
	p.say("%s", wrap(n.Contents[string(p.Client.Locale)].Alternative, textWidth))
	same, _, err := pictures()
	if err != nil {
		return err
	}
	r, err := p.verify(ctx, chen, "a1", same)
	if err != nil {
		return err
	}
	p.refused(r, "a photo sent all the same goes nowhere", "consent-refused")
	var v struct{ State string }
	err = p.Client.call(ctx, http.MethodPost, "/v1/sessions/"+chen.session+"/alternative", p.tenant.Integrator,
		object{"method": "id_card_at_desk", "result": "pass"}, &v)
	p.check(v.State == "alternative", "the desk checks an ID card instead", v.State)
	if err != nil {
		return err
	}
	state, err := p.visit(ctx, chen)
	p.check(state == "refused", "nobody asks Chen again for 48 hours", state)
	return err
}

func (p *play) withdrawal(ctx context.Context) error {
	p.scene("5  Lin changes her mind")
	lin := p.lin
	state, err := p.visit(ctx, lin)
	if err != nil {
		return err
	}
	p.check(state == "consented", "at her next exam her consent still stands", state)
	_, code, _ := strings.Cut(lin.receipt.WithdrawURL, "#w=")
	var w struct{ State string }
	err = p.Client.call(ctx, http.MethodPost, "/v1/withdraw", "", object{"code": code}, &w)
	p.check(w.State == "withdrawn", "she withdraws with her receipt's link, no login needed", w.State)
	if err != nil {
		return err
	}
	same, _, err := pictures()
	if err != nil {
		return err
	}
	r, err := p.verify(ctx, lin, "b1", same)
	p.refused(r, "the very next check is refused", "consent-withdrawn")
	return err
}

func (p *play) newNotice(ctx context.Context) error {
	p.scene("6  The notice changes in a way that matters")
	wu := &person{subject: "emp-3310"}
	if _, err := p.visit(ctx, wu); err != nil {
		return err
	}
	if err := p.decide(ctx, wu, "granted"); err != nil {
		return err
	}
	p.check(wu.receipt.State == "consented", "Wu agrees to version 1", wu.receipt.State)
	notice, err := Notice("exam", p.tenant.Delegation)
	if err != nil {
		return err
	}
	contact := notice["facts"].(object)["contact"].(object)
	for locale, who := range contact {
		contact[locale] = strings.Replace(who.(string), "privacy@example.com", "dpo@example.com", 1)
	}
	var published struct {
		Version  int
		Material bool
	}
	if err := p.Client.call(ctx, http.MethodPost, "/v1/notices", p.tenant.Admin, notice, &published); err != nil {
		return err
	}
	p.check(published.Version == 2 && published.Material, "the contact changes: Nod computes that this is material",
		fmt.Sprintf("v%d, material", published.Version))
	same, _, err := pictures()
	if err != nil {
		return err
	}
	r, err := p.verify(ctx, wu, "a1", same)
	if err != nil {
		return err
	}
	p.refused(r, "Wu's consent to version 1 no longer carries a check", "consent-stale")
	state, n, _, err := p.look(ctx, wu)
	if err != nil {
		return err
	}
	p.check(state == "open" && len(n.Changes) > 0, "the page asks again and says what changed", changed(n))
	if err := p.decide(ctx, wu, "granted"); err != nil {
		return err
	}
	r, err = p.verify(ctx, wu, "a2", same)
	p.result(r, "Wu agrees to version 2 and is checked", "pass")
	return err
}

func changed(n shown) string {
	var fields []string
	for _, c := range n.Changes {
		fields = append(fields, c.Field)
	}
	return strings.Join(fields, ", ")
}

func (p *play) revocation(ctx context.Context) error {
	p.scene("7  The enterprise ends the delegation")
	zhao := &person{subject: "emp-4127"}
	if _, err := p.visit(ctx, zhao); err != nil {
		return err
	}
	if err := p.decide(ctx, zhao, "granted"); err != nil {
		return err
	}
	var d struct{ Status string }
	err := p.Client.call(ctx, http.MethodPost, "/v1/delegations/"+p.tenant.Delegation+"/revoke", p.tenant.Admin, nil, &d)
	p.check(d.Status == "revoked", "the administrator revokes it", d.Status)
	if err != nil {
		return err
	}
	same, _, err := pictures()
	if err != nil {
		return err
	}
	r, err := p.verify(ctx, zhao, "a1", same)
	p.refused(r, "checks stop at once, consent or not", "delegation-not-in-force")
	return err
}
