namespace Amp.PowerShell.Pipeline;

/// <summary>Says which answers of a replay were not used: a script that asks less than its record has changed.</summary>
internal static class UnusedAnswers
{
    public static void Report(AmpCmdlet cmdlet, AmpReplay replay)
    {
        if (replay.Unused is { Count: > 0 } unused)
        {
            cmdlet.WriteWarning($"The replay has answers that were not used: {string.Join(", ", unused)}.");
        }
    }
}
