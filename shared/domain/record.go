package domain

import "time"

// RecordType says what a Record proves.
type RecordType string

const (
	EnterpriseCreated    RecordType = "enterprise.created"
	EnterpriseUpdated    RecordType = "enterprise.updated"
	EnterpriseClosedType RecordType = "enterprise.closed"
	KeyCreated           RecordType = "key.created"
	KeyRevoked           RecordType = "key.revoked"
	DelegationRecorded   RecordType = "delegation.recorded"
	DelegationRevoked    RecordType = "delegation.revoked"
	NoticePublished      RecordType = "notice.published"
	NoticeShown          RecordType = "notice.shown"
	SettingsChanged      RecordType = "settings.changed"
	ConsentGrantedType   RecordType = "consent.granted"
	ConsentRefusedType   RecordType = "consent.refused"
	ConsentWithdrawnType RecordType = "consent.withdrawn"
	ConsentLapsedType    RecordType = "consent.lapsed"
	CheckStarted         RecordType = "check.started"
	CheckPassed          RecordType = "check.passed"
	CheckFailed          RecordType = "check.failed"
	CheckNotPerformed    RecordType = "check.not_performed"
	CheckUnknown         RecordType = "check.unknown"
	CheckAlternative     RecordType = "check.alternative"
	RequestOpened        RecordType = "request.opened"
	RequestResolved      RecordType = "request.resolved"
	RequestRead          RecordType = "access.request"
	RetentionApplied     RecordType = "retention.applied"
	SubjectRestricted    RecordType = "subject.restricted"
	SubjectErased        RecordType = "subject.erased"
	RecordsAcknowledged  RecordType = "enterprise.acknowledged"
	EnterpriseErased     RecordType = "enterprise.erased"
	AccessesRead         RecordType = "access.log"
	ScopeRead            RecordType = "access.breach_scope"
	SubjectRead          RecordType = "access.subject_id"
	ExportMade           RecordType = "export.made"
	ExportFetched        RecordType = "access.export"
)

// PlacedWithin is the promise that a Record has its place in the log by then, under a
// signed checkpoint.
const PlacedWithin = 10 * time.Minute

// Record is one immutable entry of an enterprise's log. It holds ids,
// enumerations, hashes and commitments, and no free text (invariant 7). Package
// ledger writes it as one line; the order of the fields here is that of the line,
// and neither order nor names ever change: leaf hashes depend on them. New fields
// go to the end and are left out when empty.
type Record struct {
	ID            ID
	Type          RecordType
	Enterprise    ID
	Mode          Mode
	At            time.Time
	Subject       string // pseudonym
	Purpose       Purpose
	Route         Route
	Routes        []Route
	Session       ID
	Consent       ID // the consent Record relied on, or ended
	Notice        *NoticeRef
	NoticeInForce *NoticeRef
	Delegation    *DelegationRef
	By            Giver // who decided; notice.shown: guardian, where it was shown to one

	// What belongs to some types only.
	SubjectCommitment string
	Until             time.Time
	Via               string // consent.withdrawn: session, receipt or request
	Cause             string // consent.lapsed
	Attempt           string
	Capture           CaptureKind
	Liveness          *bool
	Reason            Reason // check.not_performed; request.resolved: the Ground; access.subject_id: the AccessReason; export.made: the ExportReason
	Method            string // check.alternative
	Result            Result // check.alternative
	Actor             ID     // the key that instructed it
	Key               ID     // key.*: the key it is about
	Role              Role
	SHA256            string            // of the document it puts on record
	Hashes            map[Locale]string // notice.published
	EffectiveFrom     time.Time
	Material          *bool
	Enabled           *bool
	Audience          Audience
	Relation          Relation  // consent.granted, consent.refused by a guardian
	ReachedBy         ReachedBy // the same
	GuardianConsent   ID        // check.*: of a minor, beside their own
	Request           ID        // request.*, access.request; the one that was carried out, or has gone
	Kind              RequestKind
	DueAt             time.Time
	Outcome           RequestOutcome
	From, To          time.Time // access.log, access.breach_scope, export.made: the instants that were asked about
	Listed            Listed    // access.breach_scope: which people were listed
	People            *int      // the same: how many of them, by their pseudonyms

	// export.made.
	Export      ID
	Purposes    []Purpose // that were asked for; none: all
	About       string    // the pseudonym of the one person that was asked about
	Identifiers Identifiers
	LogSize     *int64 // how many Records the log had
}
