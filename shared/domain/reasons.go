package domain

// The reasons of a Refusal. docs/problems.md tells each one's status, whether an
// attempt was used and what to do; package problem holds the texts.
const (
	// Who is calling.
	Unauthenticated Reason = "unauthenticated"
	WrongRole       Reason = "wrong-role"
	TokenExpired    Reason = "token-expired"
	CodeUsed        Reason = "code-used"
	CodeExpired     Reason = "code-expired"
	HandedOver      Reason = "handed-over"
	NoSuchThing     Reason = "not-found"

	// What was sent.
	InvalidValue     Reason = "invalid-value"
	UnknownField     Reason = "unknown-field"
	WrongType        Reason = "wrong-type"
	MalformedJSON    Reason = "malformed-json"
	SeveralObjects   Reason = "several-objects"
	NotUTF8          Reason = "not-utf8"
	BodyTooLarge     Reason = "body-too-large"
	UnsupportedMedia Reason = "unsupported-media-type"
	MethodNotAllowed Reason = "method-not-allowed"
	KeyReused        Reason = "idempotency-key-reused"
	SecretShownOnce  Reason = "secret-shown-once"
	VersionChanged   Reason = "version-changed"
	TooManyKeys      Reason = "too-many-keys"

	// What the enterprise allows.
	EnterpriseClosed  Reason = "enterprise-closed"
	FaceServiceOff    Reason = "face-service-off"
	PurposeOff        Reason = "purpose-off"
	NoNotice          Reason = "no-notice"
	DelegationEnded   Reason = "delegation-not-in-force"
	RouteNotCovered   Reason = "route-not-covered"
	AssessmentMissing Reason = "assessment-not-acceptable"

	// What the person decided.
	ConsentRequired  Reason = "consent-required"
	ConsentRefused   Reason = "consent-refused"
	ConsentWithdrawn Reason = "consent-withdrawn"
	ConsentStale     Reason = "consent-stale"
	ConsentEnded     Reason = "consent-ended"
	NothingToEnd     Reason = "no-consent-to-withdraw"
	NoticeChanged    Reason = "notice-changed"
	WrongAudience    Reason = "wrong-audience"
	AlreadyDecided   Reason = "already-decided"
	DecidedTooOften  Reason = "decided-too-often"

	// What the person asks the enterprise for.
	TooManyRequests Reason = "too-many-requests"
	RequestAnswered Reason = "request-answered"

	// What is proven of the log.
	NotInLog       Reason = "not-in-log-yet"
	ExportNotReady Reason = "export-not-ready"
	ExportGone     Reason = "export-gone"
	TooManyExports Reason = "too-many-exports"

	// How an enterprise's service ends.
	NotClosed          Reason = "enterprise-not-closed"
	LastExportNotReady Reason = "last-export-not-ready"

	// Who decides for somebody under age.
	GuardianCannotCheck Reason = "guardian-cannot-check"
	NoGuardianNeeded    Reason = "no-guardian-needed"

	// How far the session is.
	SessionExpired  Reason = "session-expired"
	SessionEnded    Reason = "session-ended"
	CheckInProgress Reason = "check-in-progress"
	AttemptsUsedUp  Reason = "attempts-used-up"
	UploadsUsedUp   Reason = "uploads-used-up"
	NotACheck       Reason = "not-a-check"
	NothingToDecide Reason = "nothing-to-decide"
	OtherRoute      Reason = "other-route"
	NotAway         Reason = "hosted-not-begun"
	PhotoInputOff   Reason = "photo-input-off"

	// What is wrong with the image, seen before it goes anywhere.
	ImageMissing    Reason = "image-missing"
	ImageNotBase64  Reason = "image-not-base64"
	ImageUnreadable Reason = "image-unreadable"
	ImageTruncated  Reason = "image-truncated"
	ImageTooLarge   Reason = "image-too-large"
	ImageDimensions Reason = "image-dimensions"

	// What is wrong with a name or an ID number, seen before it goes anywhere.
	NameInvalid      Reason = "name-invalid"
	IDNumberInvalid  Reason = "id-number-invalid"
	AgeGroupMismatch Reason = "age-group-mismatch"
	PersonLimit      Reason = "person-limit"

	// Why no outcome was reached, after it went (see NotPerformed).
	NoFace           Reason = "no-face"
	FaceTooSmall     Reason = "face-too-small"
	FaceUnclear      Reason = "face-unclear"
	NotLive          Reason = "not-live"
	ImageRejected    Reason = "image-rejected"
	ReferenceBad     Reason = "reference-unusable"
	IdentityBad      Reason = "identity-rejected"
	CannotAnswer     Reason = "authority-cannot-answer"
	HostedUnfinished Reason = "hosted-not-finished"
	HostedExpired    Reason = "hosted-expired"
	FaceAPIBusy      Reason = "face-api-busy"
	FaceAPISlow      Reason = "face-api-slow"
	FaceAPIDown      Reason = "face-api-down"
	FaceAPIGarbled   Reason = "face-api-garbled"
	FaceAPIUnknown   Reason = "face-api-unknown-code"
	FaceAPIRefused   Reason = "face-api-refused"
	OutcomeUnknown   Reason = "outcome-unknown"
	PermitForbidden  Reason = "permit-forbidden"

	// Nod itself.
	Busy     Reason = "busy"
	Internal Reason = "internal"
)
