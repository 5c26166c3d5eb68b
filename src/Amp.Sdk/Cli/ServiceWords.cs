namespace Amp.Cli;

/// <summary>The words by which a CLI tells on standard error that it does not reach its service while a run is under way: the one place that knows them.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>words</term><description>builds on which they were seen, and when</description></listheader>
/// <item><term><c>Cannot reach Amp servers</c></term><description>
/// 0.0.1784106548 to 0.0.1790142911: the connection is broken and cannot be made again. Not while a tool is at work: then nothing is said.</description></item>
/// </list>
/// </remarks>
internal static class ServiceWords
{
    private const string Unreachable = "Cannot reach Amp servers";

    /// <summary>Whether a line, or a text, says that the CLI has lost its service.</summary>
    public static bool TellLoss(string text) => text.Contains(Unreachable, StringComparison.OrdinalIgnoreCase);
}
