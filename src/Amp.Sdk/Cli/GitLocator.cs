using Amp.Checkpoints;

namespace Amp.Cli;

/// <summary>Finds git on <c>PATH</c>, in the same way as the CLI: never in the project.</summary>
internal static class GitLocator
{
    /// <param name="environment">The variables of the caller.</param>
    /// <param name="workingDirectory">The project.</param>
    /// <param name="limit">The time limit for each command of git.</param>
    /// <exception cref="AmpCliNotFoundException">Git was not found.</exception>
    public static GitProgram Find(IReadOnlyDictionary<string, string> environment, string workingDirectory, TimeSpan limit)
    {
        string path = new CliLocator(environment, workingDirectory).FindOnPath(OperatingSystem.IsWindows() ? "git.exe" : "git")
            ?? throw new AmpCliNotFoundException(
                "git was not found on PATH. A checkpoint requires it.", "Install Git (https://git-scm.com), or omit AmpOptions.Checkpoint.");
        return new GitProgram(path, environment, limit);
    }
}
