using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Agents.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Amp.Sdk.Extensions.Tests;

public sealed class AssemblyTests
{
    private static readonly Assembly s_chat = typeof(AmpChatClient).Assembly;
    private static readonly Assembly s_agents = typeof(AmpAgent).Assembly;
    private static readonly Assembly s_hosting = typeof(AmpBuilder).Assembly;

    public static TheoryData<string> Packages => [.. new[] { s_chat, s_agents, s_hosting }.Select(assembly => assembly.GetName().Name!)];

    [Fact]
    public void A_package_needs_the_library_the_abstractions_that_it_is_for_and_the_runtime()
    {
        NeedsOnly(s_chat, "Microsoft.Extensions.AI.Abstractions");
        NeedsOnly(s_agents, "Amp.Sdk.Extensions.AI", "Microsoft.Extensions.AI.Abstractions", "Microsoft.Agents.AI.Abstractions");
        NeedsOnly(
            s_hosting,
            "Microsoft.Extensions.Configuration.Abstractions",
            "Microsoft.Extensions.Configuration.Binder",
            "Microsoft.Extensions.DependencyInjection.Abstractions",
            "Microsoft.Extensions.Diagnostics.HealthChecks",
            "Microsoft.Extensions.Diagnostics.HealthChecks.Abstractions",
            "Microsoft.Extensions.Logging.Abstractions",
            "Microsoft.Extensions.Options",
            "Microsoft.Extensions.Options.ConfigurationExtensions",
            "Microsoft.Extensions.Primitives");

        static void NeedsOnly(Assembly assembly, params string[] others) => Assert.All(
            assembly.GetReferencedAssemblies().Select(reference => reference.Name!),
            name => Assert.True(
                name == "Amp.Sdk" || others.Contains(name) || name.StartsWith("System.", StringComparison.Ordinal), $"{assembly.GetName().Name} references {name}."));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void It_uses_only_what_the_library_offers_to_everybody(string package) => Assert.DoesNotContain(
        new[] { typeof(AmpClient).Assembly, s_chat }.SelectMany(assembly => assembly.GetCustomAttributes<InternalsVisibleToAttribute>()),
        visible => visible.AssemblyName == package);

    [Theory]
    [MemberData(nameof(Packages))]
    public void Its_public_types_are_in_the_namespace_of_the_library_and_none_has_a_name_of_the_abstractions(string package)
    {
        Type[] types = Assembly.Load(package).GetExportedTypes();
        Assert.NotEmpty(types);
        // Programs have the namespace of registrations open where they register.
        Type[] registrations = [typeof(AmpServiceCollectionExtensions), typeof(AmpHealthChecksBuilderExtensions)];
        Assert.All(types, type => Assert.Equal(registrations.Contains(type) ? "Microsoft.Extensions.DependencyInjection" : "Amp", type.Namespace));
        Assert.Empty(types.Select(type => type.Name).Intersect(
            new[] { typeof(IChatClient), typeof(AIAgent) }.SelectMany(known => known.Assembly.GetExportedTypes()).Select(type => type.Name)));
    }
}
