// 个人自己的页面上的文字。
export default {
  me: {
    title: '保存了您的哪些信息', lead: name => `以下是为${name}保存的、与您有关的信息。看这个页面不需要核验，随时可以再来。`,
    decisions: '您的决定', none: '还没有征求过您的同意。',
    states: {
      granted: (at, until) => `${at} 同意，有效期至 ${until}`, refused: at => `${at} 不同意`,
      withdrawn: at => `${at} 已撤回`, lapsed: at => `${at} 同意，现已失效`,
    },
    replaced: at => `${at} 同意；之后您又重新做了决定`, byGuardian: '（由您的监护人决定）',
    causes: { notice_changed: '告知有了实质变化，需要时会重新征求您的同意。', delegation_ended: '企业的委托已经结束。', term_over: '有效期已过。' },
    words: '您当时看到的文字', kept: '凭据保存至', keptUntil: at => `保存至 ${at}`,
    checks: '您的核验', noChecks: '没有进行过核验。', checkCount: n => `${n} 次核验`,
    outcomes: { pass: '通过', fail: '未通过', not_performed: '未进行', running: '尚未完成' },
    askReview: '请人工复核没有通过的核验',
    requests: '您的要求', requestsText: '企业会在十五天内答复，不收费。', ask: '提出要求',
    due: at => `${at} 前答复`, overdue: at => `答复已经逾期，应在 ${at} 前答复`,
    answered: { done: at => `${at} 已答复`, refused: at => `${at} 未予同意` }, wrote: '您写的内容',
    grounds: {
      kept_by_law: '理由：依法须继续保存。', standing_not_proven: '理由：没有证明提出要求的人是谁。', nothing_held: '理由：没有保存这类信息。',
      found_right: '理由：查看之后确认无误。', rights_of_others: '理由：会涉及别人的信息。', answered_before: '理由：同样的要求已经答复过。',
    },
    kinds: {
      copy: '请企业提供副本', correct: '更正信息', delete: '删除信息', explain: '请求解释说明',
      complaint: '投诉', review: '人工复核没有通过的核验', relative: '作为逝者的近亲属提出',
    },
    kin: { spouse: '配偶', parent: '父母', child: '子女', sibling: '兄弟姐妹', grandparent: '祖父母或外祖父母', grandchild: '孙子女或外孙子女' },
    choose: '请选择', askText: name => `${name}会看到您写的内容，并在这里答复。内容加密保存，谁看过都有记录。`,
    kind: '您想要什么？', text: '用您自己的话说', textHint: '更正、投诉和近亲属提出时需要填写。请不要写证件号码。',
    relation: '您是逝者的', proof: '证明材料', proofHint: '例如死亡证明和亲属关系证明：一个 PDF、JPEG 或 PNG 文件，不超过 3 MB。',
    faults: { choose: '请选择一项。', text: '请写明是什么事。', file: '请选择一个文件。', large: '文件超过了 3 MB。' },
    send: '提交', sent: '您的要求已经提交。', sentText: '答复会显示在这里。',
    copy: '给您的副本', copyText: '以上全部内容，连同证明它们的记录，合成一个文件。不用经过我们，谁都可以核对。', getCopy: '获取副本',
    copyTitle: '您的副本', copyHow: '请保存为文件。有些应用里不能保存，可以复制下面的文字。', save: '保存文件', asText: '以文字显示', copyAll: '复制文字',
    expired: { title: '这个页面已经过期', text: '请从学习平台重新打开，内容都在。' },
  },
}
