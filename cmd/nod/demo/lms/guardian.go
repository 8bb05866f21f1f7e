package lms

import "context"

// GuardianLink is where a guardian decides about the session of somebody under age. The
// platform sends it to the guardian's own device; each call makes a new one, and the one
// before ends.
func (n Nod) GuardianLink(ctx context.Context, session string) (link string, err error) {
	var made struct {
		PageURL string `json:"page_url"`
	}
	err = n.call(ctx, "POST", "/v1/sessions/"+session+"/code", map[string]string{"for": "guardian"}, &made)
	return made.PageURL, err
}
