package lms

import (
	"net/url"
	"slices"
)

// checkFor is the check that somebody needs who starts a course, or what stands against it.
func (s *Server) checkFor(t texts, course string, chosen url.Values) (c Check, trouble string) {
	if course == "realname" {
		return realName(t, chosen)
	}
	id := chosen.Get("learner")
	i := slices.IndexFunc(t.Learners, func(l learner) bool { return l.ID == id })
	photo := s.photoOf(id)
	if i < 0 || photo == "" {
		return c, t.NoPhoto
	}
	return Check{
		Subject: id, AgeGroup: t.Learners[i].AgeGroup, Route: "photo", Resource: course + "/2026-q4-safety",
		Reference: map[string]any{"photo_url": photo},
	}, ""
}

// realName is a real-name check. Name and number are given along only if the platform is
// to give them; else the person is asked for them.
func realName(t texts, chosen url.Values) (c Check, trouble string) {
	person := personOf(chosen.Get("learner"))
	if person == nil {
		return c, t.RealName.NotHeld
	}
	c = Check{Subject: person.Subject, AgeGroup: "adult", Route: chosen.Get("route"), Resource: "realname/2026"}
	if chosen.Get("giver") == "platform" {
		if !person.Held {
			return c, t.RealName.NotHeld
		}
		c.Reference = map[string]any{"identity": map[string]string{"name": person.Name, "id_number": person.IDNumber}}
	}
	return c, ""
}

// photoOf is the address of a learner's photo, or empty.
func (s *Server) photoOf(learner string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch learner {
	case "emp-1029", "stu-3016", "stu-3012":
		return s.own + "/photos/collins.png"
	case "emp-2044":
		return s.own + "/photos/hopper.jpg"
	case "me":
		if s.mine != nil {
			return s.own + "/photos/mine"
		}
	}
	return ""
}
