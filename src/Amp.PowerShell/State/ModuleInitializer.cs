using System.Management.Automation;
using System.Reflection;
using System.Runtime.Loader;
using Amp.PowerShell.State;

namespace Amp.PowerShell;

/// <summary>
/// Loads the SDK with the module: a script that names one of its types, for a parameter or in a <c>catch</c>, must find it
/// before the first run too. The tool server, which has dependencies of others, is loaded when it is first used, and apart.
/// Ends the sessions with the module: without it there would be no way to do so any more.
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
        RunspaceState.Current.Sessions.EndAll();

        // Another runspace that has the module too has added it a second time.
        Context.Resolving -= DependencyContext.Resolve;
    }

    private static AssemblyLoadContext Context => AssemblyLoadContext.GetLoadContext(typeof(AmpClient).Assembly)!;
}
