package lms

import (
	"context"
	"net/http"
	"slices"
)

// OwnPage opens the page where somebody sees what Nod holds about them. It needs no
// purpose, and no switch closes it.
func (n Nod) OwnPage(ctx context.Context, subject, ageGroup, locale, returnURL string) (pageURL string, err error) {
	var made struct {
		PageURL string `json:"page_url"`
	}
	err = n.call(ctx, "POST", "/v1/sessions", map[string]any{
		"kind": "me", "subject": subject, "age_group": ageGroup, "locale": locale, "return_url": returnURL,
	}, &made)
	return made.PageURL, err
}

// records sends the chosen learner to their own page.
func (s *Server) records(w http.ResponseWriter, r *http.Request) {
	t, id := textsFor(w, r), r.URL.Query().Get("learner")
	group := ""
	if i := slices.IndexFunc(t.Learners, func(l learner) bool { return l.ID == id }); i >= 0 {
		group = t.Learners[i].AgeGroup
	} else if personOf(id) != nil {
		group = "adult"
	}
	if group == "" {
		http.NotFound(w, r)
		return
	}
	url, err := s.OwnPage(r.Context(), id, group, t.Lang, s.own+"/exam")
	if err != nil {
		http.Error(w, t.Down, http.StatusBadGateway)
		return
	}
	http.Redirect(w, r, url, http.StatusSeeOther)
}
