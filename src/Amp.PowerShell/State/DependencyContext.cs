using System.Reflection;
using System.Runtime.Loader;

namespace Amp.PowerShell.State;

/// <summary>
/// Where the assemblies in the folder <c>dependencies</c> live: apart from those of PowerShell and of other modules, which may have loaded
/// the same ones in other versions.
/// </summary>
internal sealed class DependencyContext : AssemblyLoadContext
{
    // The only one that is asked for from outside; what it needs is found from inside.
    private const string Entry = "Amp.Sdk.ToolServer";

    private static readonly string s_folder =
        Path.Combine(Path.GetDirectoryName(typeof(DependencyContext).Assembly.Location)!, "dependencies");

    private static readonly Lazy<DependencyContext> s_context = new(() => new DependencyContext());

    private DependencyContext()
        : base("Amp dependencies")
    {
    }

    /// <summary>Finds the entry for whoever asks the module's own context for it.</summary>
    public static Assembly? Resolve(AssemblyLoadContext context, AssemblyName name) =>
        name.Name == Entry ? s_context.Value.LoadFromAssemblyName(name) : null;

    /// <summary>What lies in the folder is taken from there, whatever the host has; all else is .NET's own.</summary>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        string path = Path.Combine(s_folder, assemblyName.Name + ".dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }
}
