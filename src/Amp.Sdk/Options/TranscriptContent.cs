namespace Amp;

/// <summary>What a transcript keeps of the prompt and of the messages.</summary>
public enum TranscriptContent
{
    /// <summary>Everything, except secrets.</summary>
    Full,

    /// <summary>
    /// The SHA-256 and length of texts instead of the texts, for an audit that must show what was done but not what was said. Types, tools,
    /// tokens, times and outcomes are kept.
    /// </summary>
    Hash,
}
