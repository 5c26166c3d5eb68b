namespace Amp.Processes;

/// <summary>The complete description of a process to start. On this machine, nothing else is inherited.</summary>
/// <param name="FileName">The full path of the program.</param>
/// <param name="Arguments">The arguments. They are not parsed by a shell.</param>
/// <param name="WorkingDirectory">The full path of a folder on the machine of the process.</param>
/// <param name="Environment">All environment variables of the child, or those in addition to the variables of another machine.</param>
/// <param name="RunId">Marks the child and everything it starts, with a variable that they inherit.</param>
internal sealed record ProcessCommand(
    string FileName,
    IReadOnlyList<string> Arguments,
    string WorkingDirectory,
    IReadOnlyDictionary<string, string> Environment,
    string RunId)
{
    /// <summary>The variables to remove on a machine whose own variables are kept. On this machine, all variables are in the list above.</summary>
    public IReadOnlyCollection<string> Removed { get; init; } = [];
}
