namespace Amp.Fuzz;

/// <summary>What came out of a number of damaged streams.</summary>
/// <param name="Streams">Streams that were read.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Lines">Their lines that are not blank.</param>
/// <param name="Intact">Lines among them that were left whole; each came out once and in its place.</param>
/// <param name="Messages">Lines that became messages, damaged ones that are still JSON objects included.</param>
/// <param name="Invalid">Lines that were reported as broken.</param>
/// <param name="Texts">Lines that were passed on as text.</param>
/// <param name="TooLong">Streams that ended at a line longer than allowed.</param>
public sealed record FuzzTally(int Streams, long Bytes, long Lines, long Intact, long Messages, long Invalid, long Texts, int TooLong)
{
    internal FuzzTally Plus(FuzzTally other) => new(
        Streams + other.Streams,
        Bytes + other.Bytes,
        Lines + other.Lines,
        Intact + other.Intact,
        Messages + other.Messages,
        Invalid + other.Invalid,
        Texts + other.Texts,
        TooLong + other.TooLong);
}
