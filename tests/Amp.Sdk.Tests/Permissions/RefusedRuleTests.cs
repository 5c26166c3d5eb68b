using System.Collections;
using System.Globalization;
using System.Numerics;

namespace Amp.Sdk.Tests.Permissions;

/// <summary>Rules that the CLI would drop, misread or never match are refused when they are made, with the place and the reason.</summary>
public sealed class RefusedRuleTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("amp rule ").FullName;

    [Theory]
    [InlineData(null, "does not name a tool")]
    [InlineData("", "does not name a tool")]
    [InlineData(" ", "does not name a tool")]
    [InlineData("Ba\0sh", "control character")]
    [InlineData("Ba\nsh", "control character")]
    [InlineData("Ba\u001b[31msh", "control character")]
    [InlineData("Bash git", "space")]
    [InlineData("Read,Grep", "comma")]
    [InlineData("Bash(git:*)", "parenthesis")]
    [InlineData("mcp__[a", "not closed")]
    [InlineData("{Read,Grep", "not closed")]
    [InlineData("Read}", "without a '{'")]
    [InlineData("a]", "without a '['")]
    [InlineData("!Bash", "begins with '!'")]
    public void A_tool_that_cannot_be_one(string? tool, string reason)
    {
        AmpValidationException error = Rule.Refused(() => new AmpPermission(tool!, PermissionAction.Allow), "Tool");
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(error.Message, char.IsControl);
    }

    [Theory]
    [InlineData("*")]
    [InlineData("Bash")]
    [InlineData("mcp__x__*")]
    [InlineData("tb__*")]
    [InlineData("{Read,Grep}")]
    [InlineData("mcp__[ab]__?")]
    [InlineData("mcp__a.b-c__d/e")]
    [InlineData("!{Read,Grep}")]
    public void A_pattern_that_the_CLI_knows_is_none_of_these(string tool) =>
        Assert.Equal(tool, new AmpPermission(tool, PermissionAction.Allow).Tool);

    [Fact]
    public void An_action_or_context_that_does_not_exist()
    {
        string? advice = Rule.Refused(() => new AmpPermission("x", (PermissionAction)9), "Action").RecommendedAction;
        Assert.Contains("Allow, Reject, Ask, Delegate", advice, StringComparison.Ordinal);
        Rule.Refused(() => new AmpPermission("x", PermissionAction.Allow, context: (PermissionContext)9), "Context");
    }

    [Fact]
    public void A_match_without_anything_in_it() =>
        Rule.Says("every call", Rule.Refused(() => Rule.Matching(new Hashtable()), "Match"));

    [Fact]
    public void A_list_without_anything_in_it() =>
        Rule.Says("Match.cmd is an empty list", Rule.Refused(Array.Empty<string>()));

    public static TheoryData<object, string> UnusableValues => new()
    {
        { new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc), "System.DateTime" },
        { DayOfWeek.Monday, "System.DayOfWeek" },
        { new Uri("https://example.com"), "System.Uri" },
        { new object(), "System.Object" },
        { new KeyValuePair<string, string>("a", "b"), "System.Collections.Generic.KeyValuePair" },
    };

    [Theory]
    [MemberData(nameof(UnusableValues), DisableDiscoveryEnumeration = true)]
    public void An_object_that_JSON_does_not_have(object value, string type)
    {
        Rule.Says($"Match.cmd is an object of type {type}", Rule.Refused(value));
        Rule.Says($"Match.cmd[2] is an object of type {type}", Rule.Refused(new[] { 1, "a", value }));
        Rule.Says($"Match.cmd.inner[0] is an object of type {type}", Rule.Refused(new Hashtable { ["inner"] = new[] { value } }));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(9_007_199_254_740_993L)]
    [InlineData(long.MinValue)]
    [InlineData(ulong.MaxValue)]
    public void A_number_that_the_CLI_would_not_have(object number) =>
        Assert.Contains(Convert.ToString(number, CultureInfo.InvariantCulture)!, Rule.Refused(number).Message, StringComparison.Ordinal);

    [Fact]
    public void A_whole_number_of_any_length() => Rule.Refused(BigInteger.Pow(10, 400));

    [Fact]
    public void A_dictionary_or_list_in_a_list_with_which_the_CLI_never_compares()
    {
        Rule.Says("Match.cmd[1] is a dictionary in a list", Rule.Refused(new object[] { "a", new Hashtable { ["a"] = 1 } }));
        Rule.Says("Match.cmd[0] is a list in a list", Rule.Refused(new object[] { new[] { "a" } }));
    }

    [Theory]
    // The codes of characters: an attribute cannot hold half of one.
    [InlineData("Match.cmd has a NUL character", 0x61, 0, 0x62)]
    [InlineData("Match.cmd has an incomplete character (U+D83D) at position 3", 0x61, 0x62, 0xd83d)]
    [InlineData("Match.cmd has an incomplete character (U+DE00) at position 1", 0xde00, 0xd83d)]
    public void A_text_that_would_not_arrive(string reason, params int[] characters) =>
        Rule.Says(reason, Rule.Refused(string.Concat(characters.Select(character => (char)character))));

    [Fact]
    public void Half_a_character_in_a_name_or_a_message()
    {
        string half = "a" + (char)0xd83d;
        Rule.Says("name of a tool cannot have", Rule.Refused(() => new AmpPermission(half, PermissionAction.Allow), "Tool"));
        Rule.Says("incomplete character", Rule.Refused(() => new AmpPermission("x", PermissionAction.Reject, message: half), "Message"));
    }

    [Fact]
    public void A_key_that_is_no_name_of_an_input()
    {
        Rule.Says("of type System.Int32", Rule.Refused(() => Rule.Matching(new Hashtable { [1] = "a" }), "Match"));
        Rule.Says("empty key", Rule.Refused(() => Rule.Matching(new Hashtable { [string.Empty] = "a" }), "Match"));
        Rule.Says("__proto__", Rule.Refused(new Hashtable { ["__proto__"] = "a" }));
        Rule.Says("NUL", Rule.Refused(() => Rule.Matching(new Hashtable { ["a\0"] = "a" }), "Match"));
    }

    [Fact]
    public void A_match_that_contains_itself()
    {
        Hashtable ring = [];
        ring["list"] = new Hashtable { ["back"] = ring };
        Rule.Says("Match.list.back contains itself", Rule.Refused(() => Rule.Matching(ring), "Match"));
        ArrayList list = [];
        Hashtable around = new() { ["list"] = list };
        list.Add(around);
        Rule.Refused(() => Rule.Matching(around), "Match");
    }

    [Theory]
    [InlineData(32, true)]
    [InlineData(33, false)]
    [InlineData(100_000, false)]
    public void A_match_deeper_than_32_levels(int levels, bool accepted)
    {
        Hashtable match = new() { ["a"] = 1 };
        for (int i = 1; i < levels; i++)
        {
            match = new Hashtable { ["a"] = match };
        }

        if (accepted)
        {
            Assert.Contains(":1}", Rule.Matching(match).ToJson(), StringComparison.Ordinal);
        }
        else
        {
            Rule.Says("deeper than 32", Rule.Refused(() => Rule.Matching(match), "Match"));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    public void A_delegation_to_nothing(string? to) =>
        Rule.Says("requires a program", Rule.Refused(() => Delegate(to), "To"));

    [Theory]
    [InlineData(PermissionAction.Allow)]
    [InlineData(PermissionAction.Reject)]
    [InlineData(PermissionAction.Ask)]
    public void A_program_for_a_rule_that_does_not_delegate(PermissionAction action) =>
        Rule.Says("action of the rule is", Rule.Refused(() => new AmpPermission("x", action, to: Environment.ProcessPath), "To"));

    [Fact]
    public void A_program_that_is_not_there_or_is_none()
    {
        Rule.Says("does not exist", Rule.Refused(() => Delegate(Path.Combine(_folder, "none")), "To"));
        Rule.Says("is a folder", Rule.Refused(() => Delegate(_folder), "To"));
        Rule.Says("NUL", Rule.Refused(() => Delegate("a\0b"), "To"));
    }

    [Fact]
    public void A_program_with_arguments() =>
        Rule.Says("has arguments", Rule.Refused(() => Delegate($"{Environment.ProcessPath} --check all"), "To"));

    [Fact]
    public void A_program_in_a_folder_with_a_blank_is_not_taken_for_one_with_arguments()
    {
        string program = MakeProgram("allow it.exe", executable: true);
        Assert.Equal(program, Delegate(program).To);
    }

    [Fact]
    public void A_program_that_may_not_be_executed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "On Windows every file may be executed.");
        AmpValidationException error = Rule.Refused(() => Delegate(MakeProgram("check", executable: false)), "To");
        Assert.Contains("is not executable", error.Message, StringComparison.Ordinal);
        Assert.Contains("chmod +x", error.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_between_whose_percent_signs_the_CLI_would_put_a_variable() =>
        Rule.Says("percent signs", Rule.Refused(() => Delegate(MakeProgram("%HOME%.exe", executable: true)), "To"));

    [Theory]
    [InlineData(PermissionAction.Allow, "no", "has allow")]
    [InlineData(PermissionAction.Ask, "no", "has ask")]
    [InlineData(PermissionAction.Reject, " ", "is empty")]
    [InlineData(PermissionAction.Reject, "a\0", "NUL")]
    public void A_message_that_nobody_would_get(PermissionAction action, string message, string reason) =>
        Rule.Says(reason, Rule.Refused(() => new AmpPermission("x", action, message: message), "Message"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static AmpPermission Delegate(string? to) => new("*", PermissionAction.Delegate, to: to);

    private string MakeProgram(string name, bool executable)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, "#!/bin/sh\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | (executable ? UnixFileMode.UserExecute : 0));
        }

        return path;
    }
}
