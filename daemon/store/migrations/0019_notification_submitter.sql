-- Whoever submits names the receivers, and may name very many: what waits is looked through by submitter, then receiver.
ALTER TABLE notification ADD COLUMN submitter INTEGER NOT NULL DEFAULT 0;
UPDATE notification SET submitter = (SELECT submitter_id FROM job WHERE job.id = notification.job);
DROP INDEX notification_waiting;
CREATE INDEX notification_waiting ON notification (submitter, receiver, due, id) WHERE phase = 0;
