namespace Amp.PowerShell.Commands;

/// <summary>How much of piped objects goes to the model where nothing else is said, and the names of the parameters that say it.</summary>
internal static class ContextLimits
{
    /// <summary>As deep as data of programs usually is.</summary>
    public const int DefaultDepth = 8;

    /// <summary>About what fits into the largest models; no more than that could be read.</summary>
    public const int DefaultLength = 4_000_000;

    /// <summary>The parameter for the depth.</summary>
    public const string ContextDepth = nameof(ContextDepth);

    /// <summary>The parameter for the length.</summary>
    public const string MaxContextLength = nameof(MaxContextLength);
}
