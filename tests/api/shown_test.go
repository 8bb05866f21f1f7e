package api

import (
	"net/http"
	"testing"

	"nod/shared/domain"
)

// languagesShown are those in which the log says that notices were shown.
func (h *house) languagesShown() (list []string) {
	for _, r := range h.recordsOf("notice.shown") {
		list = append(list, text(r, "notice", "locale"))
	}
	return list
}

func TestTheLogSaysWhatAPageWasSentAndNothingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	for name, tt := range map[string]struct {
		languages []string // of the page's requests, in order
		want      []string
	}{
		"as the LMS opened it":        {[]string{""}, []string{"zh-CN"}},
		"any language will do":        {[]string{"*"}, []string{"zh-CN"}},
		"one that nobody wrote":       {[]string{"fr"}, []string{"zh-CN"}},
		"both, back and forth":        {[]string{"en", "zh-CN", "en", "zh-CN"}, []string{"en", "zh-CN"}},
		"the person's and not ours":   {[]string{"en-GB,en;q=0.9"}, []string{"en"}},
		"never asked, but decided on": {nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			h := w.house(t)
			p := h.visitor()
			for _, l := range tt.languages {
				option := with("Accept-Language", l)
				if l == "" {
					option = func(r *http.Request) *http.Request { r.Header.Del("Accept-Language"); return r }
				}
				p.do(t, "GET", "/v1/session", p.token, nil, option).ok(200)
			}
			if got := h.languagesShown(); len(got) != len(tt.want) || len(got) > 0 && got[len(got)-1] != tt.want[len(tt.want)-1] {
				t.Errorf("the log says %v, want %v", got, tt.want)
			}
			notice := items(h.do(t, "GET", "/v1/notices", h.admin, nil).ok(200))[0]
			p.do(t, "POST", "/v1/consent", p.token, object{"decision": "granted", "notice_id": notice["id"],
				"notice_sha256": text(notice, "sha256", "zh-CN"), "locale": "zh-CN", "by": "self"}).ok(201)
			if got := h.languagesShown(); len(got) != len(tt.want) {
				t.Errorf("a decision shows nothing; the log says %v", got)
			}
		})
	}
}

// The answer to HEAD holds no notice.
func TestHEADShowsNothing(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.visitor()
	h.writesNothing(func() {
		req, err := http.NewRequestWithContext(t.Context(), "HEAD", h.base+"/v1/session", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+p.token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if resp.Body.Close(); resp.StatusCode != 200 {
			t.Errorf("HEAD is answered with %s", resp.Status)
		}
	})
}

// An enterprise that was closed shows and asks nothing any more, but a no is taken.
func TestAClosedEnterpriseAsksNobody(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.visitor()
	yes, no := p.decision("granted"), p.decision("refused")
	h.do(t, "POST", "/v1/enterprises/"+h.id+"/close", h.operator, nil).ok(200)
	h.writesNothing(func() {
		p.do(t, "GET", "/v1/session", p.token, nil, with("Accept-Language", "zh-CN")).ok(200)
		p.do(t, "POST", "/v1/consent", p.token, yes).refused(403, "enterprise-closed")
	})
	p.do(t, "POST", "/v1/consent", p.token, no).ok(201)
}

// Whoever changes their mind for the fun of it does not fill the log.
func TestAgreeingIsBoundedInASession(t *testing.T) {
	t.Parallel()
	h := newWorld(t, setup{}).house(t)
	p := h.visitor()
	yes, no := p.decision("granted"), p.decision("refused")
	for range domain.MaxGrants {
		p.do(t, "POST", "/v1/consent", p.token, yes).ok(201)
		p.do(t, "POST", "/v1/consent", p.token, no).ok(201)
	}
	h.writesNothing(func() { p.do(t, "POST", "/v1/consent", p.token, yes).refused(409, "decided-too-often") })
	p.another() // and in another session within 48 hours, because they ask for it
}
