export interface About {
  token: string;
  /** Without the angle brackets. */
  messageId: string;
}

type Outcome = 'bounced' | 'complaint' | 'unsubscribed' | 'policy' | 'none';
type Case = [provider: string, event: (about: About) => unknown, outcome: Outcome];

const ses = (about: About) => ({
  messageId: `0102-${about.messageId}`,
  tags: { dripline: [about.token] },
});
const bounced = (type: string, recipient: object, more: object = {}) => ({
  bounceType: type,
  bounceSubType: 'General',
  feedbackId: 'f-1',
  bouncedRecipients: [recipient],
  ...more,
});

export const webhookCases: Case[] = [
  [
    'ses',
    (a) => ({
      notificationType: 'Bounce',
      mail: ses(a),
      bounce: bounced('Permanent', {
        status: '5.1.1',
        diagnosticCode: 'smtp; 550 5.1.1 user unknown',
      }),
      later: { field: 1 },
    }),
    'bounced',
  ],
  [
    'ses',
    (a) => ({
      eventType: 'Bounce',
      mail: { messageId: 'x', headers: [{ name: 'Message-ID', value: `<${a.messageId}>` }] },
      bounce: bounced('Permanent', { status: '5.0.0' }),
    }),
    'bounced',
  ],
  [
    'ses',
    (a) => ({
      eventType: 'Bounce',
      mail: ses(a),
      bounce: bounced('Transient', { status: '4.4.7', diagnosticCode: 'smtp; 4.4.7 later' }),
    }),
    'none',
  ],
  [
    'ses',
    (a) => ({
      eventType: 'Bounce',
      mail: ses(a),
      bounce: bounced('Permanent', { status: '5.7.1', diagnosticCode: '550 5.7.1 blocked' }),
    }),
    'policy',
  ],
  [
    'ses',
    (a) => ({
      notificationType: 'Complaint',
      mail: ses(a),
      complaint: { feedbackId: 'c', complaintFeedbackType: 'abuse' },
    }),
    'complaint',
  ],
  [
    'ses',
    (a) => ({
      eventType: 'Complaint',
      mail: ses(a),
      complaint: { complaintFeedbackType: 'not-spam' },
    }),
    'none',
  ],
  [
    'ses',
    (a) => ({
      eventType: 'Subscription',
      mail: ses(a),
      subscription: { newTopicPreferences: { unsubscribeAll: true } },
    }),
    'unsubscribed',
  ],
  ['ses', (a) => ({ eventType: 'Delivery', mail: ses(a), delivery: {} }), 'none'],
  [
    'postmark',
    (a) => ({ RecordType: 'Bounce', ID: 1, Type: 'HardBounce', Metadata: { dripline: a.token } }),
    'bounced',
  ],
  [
    'postmark',
    (a) => ({ RecordType: 'Bounce', ID: 2, Type: 'HardBounce', MessageID: a.messageId }),
    'bounced',
  ],
  [
    'postmark',
    (a) => ({
      RecordType: 'Bounce',
      ID: 3,
      Type: 'SoftBounce',
      Details: '452 4.2.2 full',
      Metadata: { dripline: a.token },
    }),
    'none',
  ],
  [
    'postmark',
    (a) => ({ RecordType: 'Bounce', ID: 4, Type: 'Blocked', Metadata: { dripline: a.token } }),
    'policy',
  ],
  [
    'postmark',
    (a) => ({
      RecordType: 'SpamComplaint',
      ID: 5,
      Type: 'SpamComplaint',
      Metadata: { dripline: a.token },
    }),
    'complaint',
  ],
  [
    'postmark',
    (a) => ({
      RecordType: 'SubscriptionChange',
      SuppressSending: true,
      SuppressionReason: 'ManualSuppression',
      Metadata: { dripline: a.token },
    }),
    'unsubscribed',
  ],
  [
    'postmark',
    (a) => ({ RecordType: 'Open', FirstOpen: true, Metadata: { dripline: a.token } }),
    'none',
  ],
  [
    'mailgun',
    (a) => ({
      event: 'failed',
      id: 'a',
      severity: 'permanent',
      'delivery-status': { code: 550, 'enhanced-code': '5.1.1', message: 'no such user' },
      message: { headers: { 'message-id': a.messageId } },
    }),
    'bounced',
  ],
  [
    'mailgun',
    (a) => ({
      event: 'failed',
      id: 'b',
      severity: 'temporary',
      'delivery-status': { code: 450, message: 'try later' },
      'user-variables': { dripline: a.token },
    }),
    'none',
  ],
  [
    'mailgun',
    (a) => ({ event: 'complained', id: 'c', 'user-variables': { dripline: a.token } }),
    'complaint',
  ],
  [
    'mailgun',
    (a) => ({
      event: 'unsubscribed',
      id: 'd',
      'client-info': { bot: '' },
      'user-variables': { dripline: a.token },
    }),
    'unsubscribed',
  ],
  [
    'mailgun',
    (a) => ({
      event: 'unsubscribed',
      id: 'e',
      'client-info': { bot: 'gmail' },
      'user-variables': { dripline: a.token },
    }),
    'none',
  ],
  [
    'sendgrid',
    (a) => ({
      event: 'bounce',
      type: 'bounce',
      status: '5.1.1',
      reason: '550 5.1.1 unknown',
      'smtp-id': `<${a.messageId}>`,
      sg_event_id: 'a',
    }),
    'bounced',
  ],
  [
    'sendgrid',
    (a) => ({
      event: 'bounce',
      type: 'blocked',
      status: '4.0.0',
      reason: 'try later',
      dripline: a.token,
      sg_event_id: 'b',
    }),
    'none',
  ],
  [
    'sendgrid',
    (a) => ({ event: 'dropped', reason: 'Bounced Address', dripline: a.token, sg_event_id: 'c' }),
    'bounced',
  ],
  ['sendgrid', (a) => ({ event: 'spamreport', dripline: a.token, sg_event_id: 'd' }), 'complaint'],
  [
    'sendgrid',
    (a) => ({ event: 'group_unsubscribe', dripline: a.token, sg_event_id: 'e' }),
    'unsubscribed',
  ],
  ['sendgrid', (a) => ({ event: 'click', dripline: a.token, sg_event_id: 'f' }), 'none'],
  [
    'brevo',
    (a) => ({ event: 'hard_bounce', 'message-id': `<${a.messageId}>`, ts_event: 1, reason: 'x' }),
    'bounced',
  ],
  [
    'brevo',
    (a) => ({ event: 'soft_bounce', 'X-Mailin-custom': a.token, ts_event: 2, reason: 'full' }),
    'none',
  ],
  ['brevo', (a) => ({ event: 'spam', 'X-Mailin-custom': a.token, ts_event: 3 }), 'complaint'],
  [
    'brevo',
    (a) => ({ event: 'unsubscribed', 'X-Mailin-custom': a.token, ts_event: 4 }),
    'unsubscribed',
  ],
  ['brevo', (a) => ({ event: 'delivered', 'X-Mailin-custom': a.token, ts_event: 5 }), 'none'],
];
