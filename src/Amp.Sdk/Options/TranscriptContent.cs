namespace Amp;

/// <summary>What a transcript keeps of the prompt and of the messages.</summary>
public enum TranscriptContent
{
    /// <summary>Everything, except secrets.</summary>
    Full,

    /// <summary>
    /// Their SHA-256 and length instead of what was written: for an audit that must show what was done and not what was said. Types, tools,
    /// tokens, times and outcomes are kept.
    /// </summary>
    Hash,
}
