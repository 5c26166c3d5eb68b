namespace Amp.Fuzz;

/// <summary>What the library did and must not do, with what it takes to see it again.</summary>
public sealed class FuzzFailureException : Exception
{
    internal FuzzFailureException(int seed, int stream, string what, Exception? inner = null)
        : base($"{what}{Environment.NewLine}Again: Amp.Fuzz --seed {seed} --stream {stream}", inner)
    {
    }
}
