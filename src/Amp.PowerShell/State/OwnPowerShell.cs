namespace Amp.PowerShell.State;

/// <summary>Finds how the PowerShell of this process is started again.</summary>
internal static class OwnPowerShell
{
    /// <summary>Gets the program of this PowerShell, with the arguments that it begins with.</summary>
    /// <param name="home">The folder of this PowerShell (<c>$PSHOME</c>).</param>
    /// <returns>Full paths; null if this PowerShell cannot be started, as in a host that contains it.</returns>
    /// <remarks>
    /// The package of the .NET tool (7.6.10) has a program beside its libraries, but on Linux and macOS it is one of Linux on x64. Therefore, the program that
    /// runs comes first, and <c>dotnet</c>, in which <c>dotnet tool run</c> runs the tool, second.
    /// </remarks>
    public static IReadOnlyList<string>? Find(string home)
    {
        string own = Environment.ProcessPath ?? string.Empty;
        string name = OperatingSystem.IsWindows() ? "pwsh.exe" : "pwsh";
        if (Path.GetFileName(own).Equals(name, StringComparison.OrdinalIgnoreCase))
        {
            return [own];
        }

        if (!Path.IsPathFullyQualified(home))
        {
            return null;
        }

        string library = Path.Combine(home, "pwsh.dll");
        string beside = Path.Combine(home, name);
        return Path.GetFileNameWithoutExtension(own).Equals("dotnet", StringComparison.OrdinalIgnoreCase) && File.Exists(library) ? [own, library]
            : File.Exists(beside) ? [beside]
            : null;
    }
}
