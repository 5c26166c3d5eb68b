using System.Reflection;

namespace Amp.Sdk.Extensions.AI.Tests;

public sealed class AssemblyTests
{
    private static readonly Assembly s_assembly = typeof(AmpChatClient).Assembly;

    [Fact]
    public void The_package_needs_the_library_the_abstractions_and_the_runtime() => Assert.All(
        s_assembly.GetReferencedAssemblies().Select(reference => reference.Name!),
        name => Assert.True(
            name is "Amp.Sdk" or "Microsoft.Extensions.AI.Abstractions" || name.StartsWith("System.", StringComparison.Ordinal), $"It references {name}."));

    [Fact]
    public void It_uses_only_what_the_library_offers_to_everybody() => Assert.DoesNotContain(
        typeof(AmpClient).Assembly.GetCustomAttributes<System.Runtime.CompilerServices.InternalsVisibleToAttribute>(),
        visible => visible.AssemblyName == s_assembly.GetName().Name);

    [Fact]
    public void Its_public_types_are_in_the_namespace_of_the_library_and_none_has_a_name_of_the_abstractions()
    {
        Type[] types = s_assembly.GetExportedTypes();
        Assert.NotEmpty(types);
        Assert.All(types, type => Assert.Equal("Amp", type.Namespace));
        Assert.Empty(types.Select(type => type.Name).Intersect(typeof(IChatClient).Assembly.GetExportedTypes().Select(type => type.Name)));
    }
}
