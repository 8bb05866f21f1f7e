package demo

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"nod/shared/domain"
)

// The bodies that the demo enterprise is entered with, written as an administrator
// would write them. What depends on the day (terms, dates) is filled in by Enter.
//
//go:embed enterprise.json delegation.json settings.json notices/*.json
var bodies embed.FS

// Tenant is the demo enterprise and the keys of its people.
type Tenant struct {
	Enterprise string `json:"enterprise"`
	Admin      string `json:"admin_key"`
	Integrator string `json:"integrator_key"`
	Auditor    string `json:"auditor_key"`
	Delegation string `json:"delegation"`
	LMS        string `json:"lms"` // origin of its learning platform
}

type object = map[string]any

func body(name string) (v object, err error) {
	b, err := bodies.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return v, json.Unmarshal(b, &v)
}

// notices names the demo notices: one for each purpose, and one more for guardians where
// people under age are checked.
var notices = []string{"training", "training-guardian", "exam", "exam-guardian", "realname"}

// Enter enters the demo enterprise with everything that a check needs: keys, a
// delegation in force, the notices, and settings with an assessment for each purpose.
// lms is the origin of its learning platform. In mode test outcomes are scripted.
func Enter(ctx context.Context, c Client, operatorKey, lms string, mode domain.Mode) (t Tenant, err error) {
	enterprise, err := profile(mode, lms)
	if err != nil {
		return t, err
	}
	t.LMS = lms
	var made struct{ ID, Key string }
	if err := c.call(ctx, http.MethodPost, "/v1/enterprises", operatorKey, enterprise, &made); err != nil {
		return t, err
	}
	t.Enterprise = made.ID
	for role, key := range map[string]*string{"admin": &t.Admin, "integrator": &t.Integrator, "auditor": &t.Auditor} {
		wish := object{"role": role, "holder": "demo " + role}
		if err := c.call(ctx, http.MethodPost, "/v1/enterprises/"+t.Enterprise+"/keys", operatorKey, wish, &made); err != nil {
			return t, err
		}
		*key = made.Key
	}
	if err := enterDelegation(ctx, c, &t); err != nil {
		return t, err
	}
	for _, name := range notices {
		notice, err := Notice(name, t.Delegation)
		if err == nil {
			err = c.call(ctx, http.MethodPost, "/v1/notices", t.Admin, notice, nil)
		}
		if err != nil {
			return t, fmt.Errorf("notice %s: %w", name, err)
		}
	}
	return t, enterSettings(ctx, c, t)
}

func profile(mode domain.Mode, origins ...string) (object, error) {
	enterprise, err := body("enterprise.json")
	if err != nil {
		return nil, err
	}
	enterprise["frame_origins"], enterprise["return_origins"], enterprise["mode"] = origins, origins, mode
	return enterprise, nil
}

// Move registers another origin of the enterprise's learning platform, and those of
// further ones.
func Move(ctx context.Context, c Client, operatorKey string, t *Tenant, mode domain.Mode, lms string, further ...string) error {
	enterprise, err := profile(mode, append([]string{lms}, further...)...)
	if err != nil {
		return err
	}
	t.LMS = lms
	return c.call(ctx, http.MethodPut, "/v1/enterprises/"+t.Enterprise, operatorKey, enterprise, nil)
}

func enterDelegation(ctx context.Context, c Client, t *Tenant) error {
	delegation, err := body("delegation.json")
	if err != nil {
		return err
	}
	now := time.Now().UTC().Truncate(time.Second)
	delegation["valid_from"], delegation["valid_until"] = now.AddDate(0, 0, -1), now.AddDate(1, 0, 0)
	var made struct{ ID string }
	err = c.call(ctx, http.MethodPost, "/v1/delegations", t.Admin, delegation, &made)
	t.Delegation = made.ID
	return err
}

// Notice is the body that publishes one of notices. The one for adults is called after
// its purpose.
func Notice(name, delegation string) (object, error) {
	notice, err := body("notices/" + name + ".json")
	if err != nil {
		return nil, err
	}
	notice["delegation_id"] = delegation
	return notice, nil
}

func enterSettings(ctx context.Context, c Client, t Tenant) error {
	all, err := body("settings.json")
	if err != nil {
		return err
	}
	if err := c.call(ctx, http.MethodPut, "/v1/settings", t.Admin, all["settings"], nil); err != nil {
		return err
	}
	today := time.Now()
	for purpose, settings := range all["purposes"].(object) {
		assessment := settings.(object)["impact_assessment"].(object)
		assessment["date"] = today.AddDate(0, 0, -30).Format(time.DateOnly)
		assessment["valid_until"] = today.AddDate(1, 0, -30).Format(time.DateOnly)
		if err := c.call(ctx, http.MethodPut, "/v1/settings/"+purpose, t.Admin, settings, nil); err != nil {
			return fmt.Errorf("settings of %s: %w", purpose, err)
		}
	}
	return nil
}

// Known reports whether the enterprise is one of the Nod that answers.
func Known(ctx context.Context, c Client, t Tenant) bool {
	r, err := c.Do(ctx, http.MethodGet, "/v1/sessions?limit=1", t.Integrator, nil)
	return err == nil && r.Status == http.StatusOK
}

// NextSteps tells a new user how to make a first check.
func NextSteps(w io.Writer, base, keys, testKeys string, t Tenant) {
	fmt.Fprint(w, strings.NewReplacer("BASE", base, "LMS", t.LMS, "TESTS", testKeys, "KEYS", keys, "INTEGRATOR", t.Integrator).Replace(`
Open the demo learning platform in a browser, and start an exam:

  LMS/exam

Its page /realname registers made-up people by their real names. For the
students of 16 and 12 a guardian has to agree, whose message the page shows.

The platform belongs to Example Learning Ltd, an enterprise with a delegation
in force and notices in Chinese and English. Its keys are in KEYS;
those of one with scripted outcomes, for developers, in TESTS.

Who answers for an enterprise looks into the console,

  BASE/console

and signs in with its admin_key or its auditor_key from one of these files.

Or open a session as its learning platform does:

  export NOD=BASE
  export KEY=INTEGRATOR
  export PHOTO_URL=LMS/photos/collins.png
  curl -s $NOD/v1/sessions -H "Authorization: Bearer $KEY" \
    -H 'Content-Type: application/json' -d '{"kind":"check","purpose":"exam",
    "route":"photo","subject":"emp-1029","age_group":"adult","resource":
    "exam/first","reference":{"photo_url":"'$PHOTO_URL'"}}'; echo

docs/integration.md goes on from there. make demo plays the whole job in the
terminal. Ctrl-C stops Nod; what it stored stays.

`))
}
