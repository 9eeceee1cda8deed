/**
 * Why the phone does not work, as a code that the page turns into words.
 *
 * @typedef {'microphone-denied'   // the person, or a policy, said no
 *   | 'microphone-missing'        // no input device
 *   | 'microphone-busy'           // the system or another program holds it
 *   | 'speaker-missing'           // no output device that the browser could offer
 *   | 'insecure-page'             // browsers give no microphone to pages that are neither https nor localhost
 *   | 'no-media-path'             // signalling works, audio packets do not get through
 *   | 'bad-answer'                // the gateway's SDP was refused by the browser
 *   | 'closed'} MediaErrorCode    // close() came in between
 */

/** The only error that these modules raise. */
export class MediaError extends Error {
  /**
   * @param {MediaErrorCode} code
   * @param {unknown} [cause] what the browser said
   */
  constructor(code, cause) {
    super(code, { cause });
    this.name = 'MediaError';
    this.code = code;
  }
}
