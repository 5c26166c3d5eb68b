namespace Amp.Processes;

/// <summary>What is to be started, complete: nothing is inherited that is not named here.</summary>
/// <param name="FileName">The full path of the program.</param>
/// <param name="Arguments">The arguments, each as a whole; no shell reads them.</param>
/// <param name="WorkingDirectory">The full path of an existing folder.</param>
/// <param name="Environment">All variables of the child.</param>
/// <param name="RunId">Marks the child and everything that it starts, by a variable that they inherit.</param>
internal sealed record ProcessCommand(
    string FileName,
    IReadOnlyList<string> Arguments,
    string WorkingDirectory,
    IReadOnlyDictionary<string, string> Environment,
    string RunId);
