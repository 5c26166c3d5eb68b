using System.Reflection;
using System.Runtime.Loader;

namespace Amp.PowerShell.State;

/// <summary>
/// The load context of the assemblies in the folder <c>dependencies</c>, which is separate from those of PowerShell and of other modules,
/// because they may have loaded other versions of the same assemblies.
/// </summary>
internal sealed class DependencyContext : AssemblyLoadContext
{
    // The only assembly that is requested from outside. Its dependencies are resolved inside.
    private const string Entry = "Amp.Sdk.ToolServer";

    private static readonly string s_folder =
        Path.Combine(Path.GetDirectoryName(typeof(DependencyContext).Assembly.Location)!, "dependencies");

    private static readonly Lazy<DependencyContext> s_context = new(() => new DependencyContext());

    private DependencyContext()
        : base("Amp dependencies")
    {
    }

    /// <summary>Resolves the entry assembly for the module's own context.</summary>
    public static Assembly? Resolve(AssemblyLoadContext context, AssemblyName name) =>
        name.Name == Entry ? s_context.Value.LoadFromAssemblyName(name) : null;

    /// <summary>Loads an assembly from the folder if it is there, whatever the host has loaded. All others come from .NET.</summary>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        string path = Path.Combine(s_folder, assemblyName.Name + ".dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }
}
