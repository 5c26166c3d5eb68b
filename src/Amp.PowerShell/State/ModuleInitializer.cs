using System.Management.Automation;
using System.Reflection;
using System.Runtime.Loader;
using Amp.PowerShell.State;

namespace Amp.PowerShell;

/// <summary>
/// Loads the SDK with the module, because a script that uses one of its types, in a parameter or a <c>catch</c>, must find it before the
/// first run. The tool server, which has third-party dependencies, is loaded separately when it is first used. When the module is removed,
/// its sessions and jobs end, because nothing else could end them.
/// </summary>
public sealed class ModuleInitializer : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnImport()
    {
        _ = Assembly.Load(typeof(AmpClient).Assembly.GetName());
        Context.Resolving += DependencyContext.Resolve;
    }

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        RunspaceState.Current.Background.EndAll();

        // Another runspace with the module has added it again.
        Context.Resolving -= DependencyContext.Resolve;
    }

    private static AssemblyLoadContext Context => AssemblyLoadContext.GetLoadContext(typeof(AmpClient).Assembly)!;
}
