using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;

namespace Amp.Sdk.Tests;

public sealed class AssemblyTests
{
    private static readonly Assembly s_sdk = typeof(AmpClient).Assembly;

    [Fact]
    public void The_library_needs_nothing_but_the_runtime()
    {
        string[] names = [.. s_sdk.GetReferencedAssemblies().Select(reference => reference.Name!)];
        Assert.Contains("System.Runtime", names);
        Assert.All(names, name => Assert.True(name is "Microsoft.Win32.Primitives" or "Amp.Sdk.ToolServer" || (name.StartsWith("System.", StringComparison.Ordinal)
            && !name.StartsWith("System.Management", StringComparison.Ordinal)), $"Amp.Sdk references {name}."));
    }

    [Fact]
    public void The_library_needs_no_newer_runtime_than_that_of_the_oldest_PowerShell()
    {
        // In a module nothing newer than what the host has would be found: a package's System.Text.Json 10 is none of .NET 8.
        Assert.All(
            s_sdk.GetReferencedAssemblies().Where(reference => reference.Name != "Amp.Sdk.ToolServer"),
            reference => Assert.True(reference.Version <= new Version(8, 0, 0, 0), reference.FullName));
    }

    [Fact]
    public void Nothing_of_the_tool_server_s_dependencies_crosses_its_border()
    {
        // In a module they are loaded apart: a type of theirs would be another one on the other side.
        Type[] own = [.. typeof(ToolServer.LoopbackServer).Assembly.GetTypes().Where(type => type.Name is "LoopbackServer" or "ServedTool" or "ServedAnswer")];
        Assert.Equal(3, own.Length);
        Type[] named = [.. own.SelectMany(type => type.GetMethods().Where(method => method.DeclaringType!.Assembly == type.Assembly))
            .SelectMany(method => method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType))];
        Assert.All(named, type => Assert.True(
            type.Assembly == own[0].Assembly || type.Assembly == typeof(string).Assembly || type.Namespace == "System.Threading.Tasks", type.FullName));
    }

    [Fact]
    public void What_the_library_throws_of_its_own_is_an_AmpException_with_an_id_or_a_cancellation()
    {
        Type[] exceptions = [.. s_sdk.GetExportedTypes().Where(type => type.IsAssignableTo(typeof(Exception)))];
        Assert.True(exceptions.Length > 5);
        Assert.All(exceptions, type => Assert.True(type.IsAssignableTo(typeof(AmpException)) || type == typeof(AmpCanceledException), type.Name));
    }

    [Fact]
    public void A_type_has_the_prefix_where_its_name_would_be_one_word_or_an_exception_s()
    {
        // SessionState is PowerShell's; every library has an ErrorId and an EventKind.
        string[] common = ["AmpSessionState", "AmpErrorId", "AmpEventKind"];
        Type[] types = [.. s_sdk.GetExportedTypes().Where(type => type.Namespace == "Amp")];
        Assert.True(types.Length > 80);
        Assert.All(types, type =>
        {
            string bare = type.Name.StartsWith("Amp", StringComparison.Ordinal) ? type.Name[3..] : type.Name;
            bool isOneWord = !bare.Skip(1).Any(char.IsUpper);
            Assert.True(
                (bare != type.Name) == (isOneWord || type.IsAssignableTo(typeof(Exception)) || common.Contains(type.Name)),
                $"{type.Name}: CONTRIBUTING.md says which types are called Amp.");
        });
    }

    [Fact]
    public void The_names_of_errors_are_what_they_are_called()
    {
        FieldInfo[] ids = typeof(AmpErrorId).GetFields(BindingFlags.Public | BindingFlags.Static);
        Assert.True(ids.Length > 10);
        Assert.All(ids, id => Assert.Equal(id.Name, id.GetRawConstantValue()));
    }

    [Fact]
    public void The_names_of_options_that_errors_tell_are_those_of_options()
    {
        FieldInfo[] names = typeof(AmpOptionName).GetFields(BindingFlags.Public | BindingFlags.Static);
        Assert.True(names.Length > 5);
        Assert.All(names, name => Assert.Equal(name.Name, name.GetRawConstantValue()));
        Assert.All(names, name => Assert.NotNull(typeof(AmpOptions).GetProperty(name.Name)));
    }

    [Fact]
    public void Texts_of_the_library_speak_its_own_language()
    {
        Dictionary<string, Type> types = s_sdk.GetExportedTypes().Where(type => !type.IsGenericType && !type.IsNested).ToDictionary(type => type.Name, StringComparer.Ordinal);
        foreach (string text in TextsOf(s_sdk.Location).Where(text => !text.Contains('\n', StringComparison.Ordinal)))
        {
            Assert.DoesNotMatch("-Amp[A-Z]|[( ]-[A-Z][a-z]", text);
            foreach (Match name in Regex.Matches(text, @"\b([A-Z]\w+)\.([A-Z]\w+)\b"))
            {
                bool isKnown = types.TryGetValue(name.Groups[1].Value, out Type? type);
                Assert.True(isKnown || !Regex.IsMatch(name.Groups[1].Value, "(?:Client|Installer|Options)$"), text);
                Assert.True(!isKnown || type!.GetMember(name.Groups[2].Value).Length > 0, text);
            }
        }
    }

    [Fact]
    public void No_property_of_a_message_hands_out_a_piece_of_a_JSON_document() => Assert.All(
        s_sdk.GetExportedTypes().SelectMany(type => type.GetProperties()),
        property => Assert.NotEqual("System.Text.Json", property.PropertyType.Namespace));

    private static List<string> TextsOf(string path)
    {
        using PEReader assembly = new(File.OpenRead(path));
        MetadataReader reader = assembly.GetMetadataReader();
        List<string> texts = [];
        for (UserStringHandle text = reader.GetNextHandle(default(UserStringHandle)); !text.IsNil; text = reader.GetNextHandle(text))
        {
            texts.Add(reader.GetUserString(text));
        }

        return texts;
    }
}
