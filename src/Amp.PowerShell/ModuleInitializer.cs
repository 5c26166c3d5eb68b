using System.Management.Automation;
using System.Reflection;

namespace Amp.PowerShell;

/// <summary>
/// Loads the SDK with the module: a script that names one of its types, for a parameter or in a <c>catch</c>, must find it
/// before the first run too.
/// </summary>
public sealed class ModuleInitializer : IModuleAssemblyInitializer
{
    /// <inheritdoc/>
    public void OnImport() => _ = Assembly.Load(typeof(AmpClient).Assembly.GetName());
}
