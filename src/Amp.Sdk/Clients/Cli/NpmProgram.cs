using Amp.Cli;

namespace Amp.Clients.Cli;

/// <summary>Finds npm and determines how to start it without a shell.</summary>
internal static class NpmProgram
{
    private const string Advice = "Install Node.js 20 or later, which brings npm (https://nodejs.org); or install the CLI as described in its manual.";

    /// <exception cref="AmpCliNotFoundException">No npm was found that can be started.</exception>
    public static CliProgram Find(CliLocator locator, bool? isWindows = null)
    {
        bool onWindows = isWindows ?? OperatingSystem.IsWindows();
        string npm = locator.FindOnPath(onWindows ? ["npm.cmd", "npm.exe"] : ["npm"])
            ?? throw new AmpCliNotFoundException("npm was not found on PATH.", Advice);
        string target = CliFile.FollowLinks(npm);

        // With npm.cmd, cmd.exe would parse the arguments again. The script that it starts is next to it. The npm.exe of a version manager has none.
        bool isProgram = !onWindows || CliFile.Classify(target, onWindows) == CliFileKind.Native;
        string script = !isProgram ? Path.Combine(Path.GetDirectoryName(target)!, "node_modules", "npm", "bin", "npm-cli.js") : target;
        switch (CliFile.Classify(script, onWindows))
        {
            case CliFileKind.JavaScript:
                string node = locator.FindOnPath(onWindows ? "node.exe" : "node")
                    ?? throw new AmpCliNotFoundException($"npm at '{npm}' requires Node.js, which was not found on PATH.", Advice, npm);
                return new CliProgram(npm, node, script, CliForm.Node, CliSource.SearchPath);
            case CliFileKind.Script or CliFileKind.Native when isProgram:
                return new CliProgram(npm, npm, null, CliForm.Script, CliSource.SearchPath);
            default:
                throw new AmpCliNotFoundException($"npm at '{npm}' cannot be started without a shell: '{script}' does not exist.", Advice, npm);
        }
    }
}
