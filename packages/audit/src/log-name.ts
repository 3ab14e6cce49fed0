/** What a ledger or a witness of ours may be called (an origin of C2SP tlog-checkpoint): no more than a path of a folder and of a URL takes. */
export const LOG_NAME = /^[a-z0-9./-]{3,100}$/;
