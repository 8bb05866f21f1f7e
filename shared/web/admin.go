package web

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"nod/shared/app"
	"nod/shared/domain"
)

// delegationBody leaves room for the agreement's file in base64.
const delegationBody = 5 << 20

// AdminRoutes are the calls of an enterprise's administrator.
func (a API) AdminRoutes() []Route {
	admin := []domain.Role{domain.Admin}
	return append(a.oversightRoutes(), []Route{
		{Method: http.MethodPost, Path: "/v1/delegations", Who: admin, MaxBody: delegationBody, serve: a.recordDelegation},
		{Method: http.MethodGet, Path: "/v1/delegations", Who: overseers, serve: a.listDelegations},
		{Method: http.MethodPost, Path: "/v1/delegations/{id}/revoke", Who: admin, serve: a.revokeDelegation},
		{Method: http.MethodPost, Path: "/v1/notices", Who: admin, serve: a.publishNotice},
		{Method: http.MethodGet, Path: "/v1/notices", Who: overseers, serve: a.listNotices},
		{Method: http.MethodPost, Path: "/v1/notices/preview", Who: admin, serve: a.previewNotice},
		{Method: http.MethodPut, Path: "/v1/settings", Who: admin, serve: a.switchFaceService},
		{Method: http.MethodGet, Path: "/v1/settings", Who: overseers, serve: a.faceService},
		{Method: http.MethodPut, Path: "/v1/settings/{purpose}", Who: admin, serve: a.setPurpose},
		{Method: http.MethodGet, Path: "/v1/settings/{purpose}", Who: overseers, serve: a.purpose},
		{Method: http.MethodGet, Path: "/v1/requests", Who: overseers, serve: a.listRequests},
		{Method: http.MethodGet, Path: "/v1/requests/{id}", Who: admin, serve: a.readRequest},
		{Method: http.MethodPost, Path: "/v1/requests/{id}/resolve", Who: admin, serve: a.resolveRequest},
		{Method: http.MethodPost, Path: "/v1/closing/acknowledge", Who: admin, serve: a.acknowledgeClosing},
		{Method: http.MethodGet, Path: "/v1/webhooks", Who: admin, serve: a.listWebhooks},
		{Method: http.MethodPost, Path: "/v1/webhooks/{id}/resend", Who: admin, serve: a.resendWebhook},
		{Method: http.MethodGet, Path: "/v1/webhooks/secret", Who: admin, serve: a.webhookSecret},
		{Method: http.MethodPost, Path: "/v1/webhooks/secret/rotate", Who: admin, serve: a.rotateWebhookSecret},
	}...)
}

func (a API) recordDelegation(ctx context.Context, c *call) (answer, error) {
	var n app.NewDelegation
	if err := c.bind(&n); err != nil {
		return answer{}, err
	}
	return created(a.Admin.RecordDelegation(ctx, c.asCall(), n))
}

func (a API) listDelegations(ctx context.Context, c *call) (answer, error) {
	page, err := c.page()
	if err != nil {
		return answer{}, err
	}
	return ok(a.Admin.Delegations(ctx, c.asCall(), page))
}

func (a API) revokeDelegation(ctx context.Context, c *call) (answer, error) {
	return c.onThing(func(id domain.ID) (any, error) { return a.Admin.RevokeDelegation(ctx, c.asCall(), id) })
}

func (a API) publishNotice(ctx context.Context, c *call) (answer, error) {
	var d domain.NoticeDraft
	if err := c.bind(&d); err != nil {
		return answer{}, err
	}
	return created(a.Admin.PublishNotice(ctx, c.asCall(), d))
}

func (a API) previewNotice(ctx context.Context, c *call) (answer, error) {
	var d domain.NoticeDraft
	if err := c.bind(&d); err != nil {
		return answer{}, err
	}
	return ok(a.Admin.PreviewNotice(ctx, c.asCall(), d))
}

func (a API) listNotices(ctx context.Context, c *call) (answer, error) {
	page, err := c.page()
	if err != nil {
		return answer{}, err
	}
	return ok(a.Admin.Notices(ctx, c.asCall(), page))
}

func (a API) faceService(ctx context.Context, c *call) (answer, error) {
	v, err := a.Admin.FaceService(ctx, c.asCall())
	return answer{status: http.StatusOK, body: v, etag: strconv.Itoa(v.Version)}, err
}

func (a API) switchFaceService(ctx context.Context, c *call) (answer, error) {
	var s struct {
		FaceService *bool `json:"face_service"`
		readOnly
	}
	if err := c.bind(&s); err != nil {
		return answer{}, err
	}
	if s.FaceService == nil {
		return answer{}, missing("face_service")
	}
	version, err := c.ifMatch()
	if err != nil {
		return answer{}, err
	}
	v, err := a.Admin.SwitchFaceService(ctx, c.asCall(), *s.FaceService, version)
	return answer{status: http.StatusOK, body: v, etag: strconv.Itoa(v.Version)}, err
}

func (a API) acknowledgeClosing(ctx context.Context, c *call) (answer, error) {
	var w app.Acknowledgement
	if err := c.bindOptional(&w); err != nil {
		return answer{}, err
	}
	return ok(a.Admin.AcknowledgeClosing(ctx, c.asCall(), w))
}

func missing(field string) error {
	return &domain.Refusal{Reason: domain.InvalidValue, Fields: []domain.FieldFault{{Field: field, Code: domain.Missing}}}
}

func (c *call) pathPurpose() (domain.Purpose, error) {
	p := domain.Purpose(c.r.PathValue("purpose"))
	if !p.Valid() {
		return "", domain.Refuse(domain.NoSuchThing)
	}
	return p, nil
}

func (a API) purpose(ctx context.Context, c *call) (answer, error) {
	p, err := c.pathPurpose()
	if err != nil {
		return answer{}, err
	}
	if text := c.r.URL.Query().Get("version"); text != "" {
		version, err := strconv.Atoi(text)
		if err != nil || version < 1 {
			return answer{}, fault(domain.InvalidValue, "version", domain.OutOfRange)
		}
		v, err := a.Admin.PurposeVersion(ctx, c.asCall(), p, version)
		return answer{status: http.StatusOK, body: v, etag: strconv.Itoa(v.Version)}, err
	}
	v, err := a.Admin.Purpose(ctx, c.asCall(), p)
	return answer{status: http.StatusOK, body: v, etag: strconv.Itoa(v.Version)}, err
}

// readOnly is what settings are read with and nobody sets: it is passed over, so that what
// was read can be changed and sent back. Whoever minds what others did meanwhile sends
// If-Match.
type readOnly struct {
	Version   json.RawMessage `json:"version"`
	ChangedAt json.RawMessage `json:"changed_at"`
	Warnings  json.RawMessage `json:"warnings"`
}

func (a API) setPurpose(ctx context.Context, c *call) (answer, error) {
	p, err := c.pathPurpose()
	if err != nil {
		return answer{}, err
	}
	var s struct {
		domain.PurposeSettings
		Enabled *bool `json:"enabled"` // stands for that of PurposeSettings: it must be said
		readOnly
		Purpose json.RawMessage `json:"purpose"`
	}
	if err := c.bind(&s); err != nil {
		return answer{}, err
	}
	if s.Enabled == nil {
		return answer{}, missing("enabled")
	}
	s.PurposeSettings.Enabled = *s.Enabled
	version, err := c.ifMatch()
	if err != nil {
		return answer{}, err
	}
	v, err := a.Admin.SetPurpose(ctx, c.asCall(), p, s.PurposeSettings, version)
	return answer{status: http.StatusOK, body: v, etag: strconv.Itoa(v.Version)}, err
}
