// 页面文字。为读它的人而写，不从英文逐字翻译。
const purposes = { training: '培训', exam: '考试', realname: '实名' }
const routes = { photo: '照片比对', authority: '权威库比对', hosted: '服务商活体检测页', two_factor: '姓名与证件号核对' }
const data = {
  face_image: '人脸图像', reference_photo: '参照照片', subject_id: '平台编号', name: '姓名',
  id_number: '身份证号', liveness_video: '活体检测视频',
}
const fields = {
  enterprise_name: '企业名称', routes: '核验途径', liveness: '活体检测', recipients: '接收方', data_kinds: '信息种类',
  retention_days: '记录保存期限', consent_days: '同意有效期', necessity: '必要性', impact: '对您的影响', rights: '您的权利',
  contact: '联系方式', high_risk: '评估发现的高风险', delegation: '委托记录', contents: '告知文字',
  delegation_gap: '委托曾经中断', handler: '对您负责的一方',
}
export default {
  lang: 'zh-CN', other: 'English', switchTo: 'Switch to English',
  purposes, routes, data, fields,
  list: items => items.join('、'),
  title: '身份核验', back: '返回', again: '重试', reload: '重新打开', goOn: '继续', toPlatform: '回到学习平台',
  closeTab: '可以关闭这个页面，回到学习平台。',
  test: '测试环境：结果是预设的，不做真实比对。',
  more: '展开全文', facts: '告知事项', alternative: '替代方式',
  noAlternative: '不在这里核验也可以：请联系企业，按企业提供的替代方式办理。', contact: '联系企业',
  officer: '负责人', phone: '电话', email: '邮箱', address: '地址', reference: '查询编号',
  opening: '正在打开…',

  agree: '同意', refuse: '不同意', readAgain: '我改变主意了，重新看告知',
  onlyIn: '这份告知只有中文文本。',
  changed: '上次同意之后，告知有了变化', changedMaterial: '（实质变化）',
  fact: {
    who: '个人信息处理者', purpose: '目的', route: '途径', recipients: '发送给谁', data: '用到的信息', liveness: '活体检测',
    retention: '记录保存期限', consent: '同意有效期', necessity: '为什么需要', impact: '对您的影响', rights: '您的权利',
    contact: '联系方式', delegation: '委托记录', notice: '告知版本', risk: '高风险提示',
  },
  yes: '有', no: '没有', aside: (a, b) => `${a}（${b}）`, days: n => `${n} 天`, version: n => `第 ${n} 版`,
  risky: '影响评估认为这项处理的风险较高。',
  tampered: { title: '告知内容核对不上', text: '收到的告知与公布的不一致，为了您的安全，这里不显示。请换个网络重新打开；还是这样的话，请告诉企业。' },

  ready: { title: '准备拍照', text: '找个光线均匀的地方，取下口罩和墨镜，正对镜头。照片只用于这一次核验，用完即弃。', open: '打开摄像头', photo: '选择照片', phone: '用手机拍' },
  agreed: (at, until) => `您已于 ${at} 同意，有效期至 ${until}。`,
  withdraw: '撤回同意', withdrawing: '正在撤回…', receipt: '同意凭证',
  live: {
    title: '请正对镜头', text: '让整张脸进入椭圆框，看着镜头，再按“拍照”。', shutter: '拍照', stop: '关闭摄像头',
    asking: '浏览器会询问能否使用摄像头，请选择“允许”。', speak: '朗读提示', ok: '可以拍了', press: '脸进入椭圆框后，请按“拍照”',
    dark: '有点暗，请面向光源', bright: '太亮了，请避开强光', blurred: '请拿稳', far: '请靠近一些', near: '请远一点',
    left: '请往左一点', right: '请往右一点', up: '请往上一点', down: '请往下一点', nobody: '没有看到脸，请正对镜头',
  },
  checking: { title: '正在核验', text: '正在核验照片，请稍等几秒。' },
  waiting: { title: '正在排队', text: '现在核验的人多，轮到您时会自动继续。照片还在您的设备上，不用重拍。' },
  left: s => `${s > 90 ? Math.ceil(s / 60) + ' 分钟' : s + ' 秒'}后自动重试`, notBefore: at => `${at} 之后可以再试。`,
  offline: { title: '网络断开了', text: '连上网络后会自动继续，什么都不会丢。' },
  down: { title: '服务暂时用不了', text: '不是您的问题。请过一会儿重试，或者使用替代方式，不会因此受影响。' },
  retake: '再拍一张', perhapsReference: '如果总是这样，也可能是企业保存的照片有问题：请使用替代方式，并告诉企业。',

  passed: { title: '核验通过', text: '照片已经清除，没有保存。' },
  fail: { title: '这次没有通过', text: '光线、角度、眼镜或者相貌的变化都可能造成这样的结果，不代表您有什么问题。', advice: '换个亮一点、光线均匀的地方，正对镜头，让脸占满椭圆框。' },
  triesLeft: n => `还可以试 ${n} 次。`,
  failed: { title: '三次都没有通过', text: '这不是最终结论，不会因此认定您有任何不当。程序只比较了两张照片，可能出错。', review: '您可以要求说明理由，也可以要求由人来复核。请联系：' },
  refused: { title: '您选择了不同意', text: '没有进行任何核验。请使用替代方式，其他一切照常。', until: at => `${at} 之前不会再主动询问您。` },
  withdrawn: { title: '已撤回同意', text: '从现在起不会再进行核验。之前完成的核验仍然有效。' },
  withdrawnBefore: { title: '您已撤回同意', text: '撤回之后没有再进行核验，之前完成的仍然有效。请使用替代方式；想要重新同意，随时可以。' },
  expired: { title: '这次核验已经过期', text: '请回到学习平台重新开始。您之前的选择仍然算数。' },
  cancelled: { title: '学习平台结束了这次核验', text: '如果还需要核验，请回到学习平台重新开始。' },
  otherwise: { title: '已用替代方式办理', text: '这次不再需要核验。' },
  elsewhere: { title: '已在别处打开', text: '这个链接已经在另一个页面或另一台设备上打开。如果是您本人，请在那里继续；如果不是，请回到学习平台重新进入。' },
  broken: { title: '链接不完整', text: '请回到学习平台，重新点开核验链接。复制链接时要复制完整。' },
  stale: { title: '链接已失效', text: '请回到学习平台重新进入。' },
  wrongPlace: { title: '链接和页面对不上', text: '这个链接属于另一家企业。请回到学习平台重新进入。' },
  unavailable: '现在不能核验',
  consented: { title: '已记录您的同意', text: '到时候不用再同意一次，也可以随时撤回。' },

  time: { left: n => `还剩 ${n} 分钟`, more: '需要更多时间', given: '时间已延长', failed: '没有成功，请稍后再试一次。', none: '不能再延长了，请尽快完成，或者使用替代方式。' },
  handover: { title: '用手机继续', text: '用手机扫描二维码，就能在手机上继续。两分钟内有效，只能用一次。', alt: '二维码：用手机打开这次核验', left: s => `还有 ${s} 秒`, over: '二维码已失效', fresh: '换一个二维码', local: '这个 Nod 只在您的电脑上运行，手机访问不到。' },
  follow: {
    title: '请在手机上继续', text: '这个页面会显示进展，请不要关闭。',
    open: '正在等待您在手机上作出选择', consented: '正在等待您在手机上拍照', refused: '您选择了不同意',
  },
  openAlone: '在单独的窗口打开',

  trouble: {
    denied: ['摄像头被禁止使用', '请在浏览器的设置里允许本页面使用摄像头（电脑上：点地址栏里的图标），然后重试。'],
    dismissed: ['还没有允许使用摄像头', '请重试，并在浏览器询问时选择“允许”。'],
    none: ['没有找到摄像头', '请接上摄像头，或者用手机继续。'],
    busy: ['摄像头正被占用', '请关闭正在使用摄像头的软件（如视频会议），然后重试。'],
    insecure: ['页面不安全', '浏览器只在 https 页面上允许使用摄像头。请从学习平台重新进入；还是这样的话，请告诉企业。'],
    blocked: ['学习平台没有允许摄像头', '嵌入的页面被限制使用摄像头，请在单独的窗口打开。'],
    old: ['浏览器不支持拍照', '请换用较新的浏览器打开，或者用手机继续。'],
    slow: ['摄像头没有反应', '请看看浏览器是否正在询问，选择“允许”；没有看到的话，请重试，或者关闭其他使用摄像头的软件。'],
    photo: ['这个文件用不了', '请选择一张 JPEG 或 PNG 格式的照片。'],
  },
  wecom: '企业微信', wechat: '微信',
  inApp: app => `在${app}里：请点右上角的“⋯”，选择“在浏览器打开”；或者到手机“设置”里允许${app}使用摄像头。`,

  receipts: {
    'consent.granted': '同意凭证', 'consent.withdrawn': '撤回凭证', keep: '请保存：打印，或者复制下面的链接。离开学习平台以后，用这个链接仍然可以撤回。',
    at: '时间', until: '有效期至', agreed: '同意的内容', link: '撤回链接', copy: '复制链接', copied: '已复制', print: '打印',
    proof: '供核对的记录', record: '日志中的原始记录', leaf: '记录的哈希', opening: '开启承诺用的随机数', document: '复制供程序读取的全文',
  },
}
