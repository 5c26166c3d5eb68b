#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
    $commands = Get-Command -Module Amp | ForEach-Object { @{ Name = $_.Name } }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $layout = Get-AmpTestLayout
    Import-Module $layout.Module
    $pages = Join-Path $layout.Root 'docs/help'

    # A page's text under a heading, to the next one of the same rank or a higher one.
    function Get-Section([string] $Text, [string] $Heading) {
        $rank = ($Heading -split ' ')[0].Length
        # In code and in what it shows, such a line is no heading.
        $masked = [regex]::Replace($Text, '(?ms)^```.*?^```$', { $args[0].Value -replace '(?m)^#', "`u{1}#" })
        [regex]::Match($masked, "(?ms)^$([regex]::Escape($Heading))\n(.*?)(?=^#{1,$rank} |\z)").Groups[1].Value.Trim() -replace "`u{1}"
    }

    # Words alone: lines are broken elsewhere on the console, and Markdown's marks are not shown there.
    function Get-Word([string] $Text) {
        ($Text -replace '\[([^\]]+)\]\([^)]+\)', '$1' -replace '[`*]' -split '\s+' -ne '') -join ' '
    }

    # What a page calls and how, wherever it shows code.
    function Get-WrongCall([string] $Text) {
        foreach ($block in [regex]::Matches($Text, '(?ms)^```powershell\n(.*?)\n```')) {
            $code = $block.Groups[1].Value
            $mistakes = $null
            $tree = [System.Management.Automation.Language.Parser]::ParseInput($code, [ref] $null, [ref] $mistakes)
            $mistakes | ForEach-Object { "$($_.Message): $code" }
            foreach ($call in $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)) {
                if ($call.GetCommandName() -like '*-Amp*') {
                    $called = Get-Command $call.GetCommandName() -Module Amp -ErrorAction Stop
                    $call.CommandElements | Where-Object { $_ -is [System.Management.Automation.Language.CommandParameterAst] } |
                        ForEach-Object ParameterName | Where-Object { $_ -notin $called.Parameters.Keys } | ForEach-Object { "$called has no -${_}: $code" }
                }
            }
        }
    }

    function Get-HelpText([object] $Part) {
        Get-Word (($Part | ForEach-Object Text) -join ' ')
    }
}

Describe 'The help of all cmdlets' {
    It 'has a page for each and for nothing else' {
        $data = Import-PowerShellDataFile -LiteralPath $layout.Module
        Get-ChildItem (Join-Path $pages '*-*.md') | ForEach-Object BaseName | Sort-Object | Should -Be ($data.CmdletsToExport | Sort-Object)
        $document = [xml] (Get-Content -Raw -LiteralPath (Join-Path (Split-Path $layout.Module) 'en-US/Amp.PowerShell.dll-Help.xml'))
        $document.helpItems.command.details.name | Sort-Object | Should -Be ($data.CmdletsToExport | Sort-Object)
    }

    It 'is found by a PowerShell that has not loaded the module' {
        $place = Open-AmpTestPlace
        try {
            $shell = Invoke-AmpTestShell $place 'Get-Help Invoke-AmpAgent -Examples; Get-Help New-AmpTool -Parameter Toolbox | Out-String -Width 300'
        } finally {
            Close-AmpTestPlace $place
        }

        $shell.Error | Should -BeNullOrEmpty
        $shell.Output | Should -BeLike '*Which files are in this folder*The folder that the executable is written to*'
    }
}

Describe 'The pages about more than one cmdlet' {
    BeforeAll {
        $about = Get-ChildItem (Join-Path $pages 'about_*.md')
        $texts = @{}
        $about | ForEach-Object { $texts[$_.BaseName] = (Get-Content -Raw -LiteralPath $_.FullName).ReplaceLineEndings("`n") }
    }

    It 'are found by a PowerShell that has not loaded the module, with what they are about' {
        $place = Open-AmpTestPlace
        try {
            $shell = Invoke-AmpTestShell $place (@($about.BaseName | ForEach-Object { "Get-Help $_" }) -join "`n")
        } finally {
            Close-AmpTestPlace $place
        }

        $shell.Error | Should -BeNullOrEmpty
        foreach ($name in $texts.Keys) {
            $short = Get-Word (Get-Section $texts[$name] '## Short description')
            $short | Should -Not -BeNullOrEmpty
            Get-Word $shell.Output | Should -Match ([regex]::Escape("TOPIC $name SHORT DESCRIPTION $short LONG DESCRIPTION"))
        }
    }

    It 'begin with one that names every cmdlet and every other page' {
        $names = @((Get-Command -Module Amp).Name) + @($about.BaseName)
        $names | Where-Object { $texts.about_Amp -notmatch "\b$_\b" } | Should -BeNullOrEmpty
    }

    It 'speak only of cmdlets, parameters and pages that exist' {
        $known = @((Get-Command -Module Amp).Name)
        foreach ($file in Get-ChildItem (Join-Path $pages '*.md')) {
            $text = (Get-Content -Raw -LiteralPath $file.FullName).ReplaceLineEndings("`n")
            [regex]::Matches($text, '\b(?!about_)[A-Z][a-z]+-Amp\w+').Value | Sort-Object -Unique | Where-Object { $_ -notin $known } |
                Should -BeNullOrEmpty -Because $file.Name
            [regex]::Matches($text, '\babout_Amp\w*').Value | Sort-Object -Unique | Where-Object { $_ -notin $about.BaseName } |
                Should -BeNullOrEmpty -Because $file.Name
            [regex]::Matches($text, '\]\(([^):]+)\)') | ForEach-Object { Join-Path $pages $_.Groups[1].Value } | Where-Object { -not (Test-Path $_) } |
                Should -BeNullOrEmpty -Because $file.Name
            Get-WrongCall $text | Should -BeNullOrEmpty -Because $file.Name
        }
    }

    It 'name properties of messages and blocks as they are' {
        $rows = [regex]::Matches($texts.about_Amp_Messages, '(?m)^\| `(Amp\.\w+)` \| [^|]+ \| (.*) \|$')
        $rows.Count | Should -Be 11
        foreach ($row in $rows) {
            $type = $row.Groups[1].Value -as [type]
            $type | Should -Not -BeNullOrEmpty -Because $row.Value
            # Words in brackets are values and properties of what the property holds.
            $properties = [regex]::Matches(($row.Groups[2].Value -replace '\([^)]*\)'), '`([A-Z]\w+)`') | ForEach-Object { $_.Groups[1].Value }
            $properties | Where-Object { -not $type.GetProperty($_) } | Should -BeNullOrEmpty -Because $row.Value
        }

        [enum]::GetNames([Amp.ResultOutcome]) | Where-Object { $texts.about_Amp_Messages -notmatch "``$_``" } | Should -BeNullOrEmpty
    }

    It 'tell of each CLI what its own help tells' {
        $recorded = [ordered]@{}
        Get-ChildItem (Join-Path $layout.Root 'tests/Amp.FakeCli/help/*.txt') | Sort-Object Name | ForEach-Object {
            $parse = [Amp.CliCapabilities].GetMethod('Parse', [System.Reflection.BindingFlags] 'NonPublic, Static')
            $text = [System.IO.File]::ReadAllText($_.FullName)
            $recorded[$_.BaseName] = @{ Can = $parse.Invoke($null, [object[]] @($text)); Text = $text }
        }

        $page = $texts.about_Amp_Cli_Versions
        $rows = [regex]::Matches($page, '(?m)^\| `.*\|.*?(?:(?<from>from )?(?<first>\d{4}-\d\d-\d\d)(?: until (?<last>\d{4}-\d\d-\d\d))?)(?: on)?: `(?<what>[^`]+)`')
        $rows.Count | Should -BeGreaterThan 15
        foreach ($row in $rows) {
            $first = $row.Groups['first'].Value
            $last = $row.Groups['last'].Success ? $row.Groups['last'].Value : ($row.Groups['from'].Success ? '9999' : $first)
            $what = $row.Groups['what'].Value
            foreach ($date in $recorded.Keys) {
                $has = $recorded[$date].Can.HasOption($what) -or $recorded[$date].Can.HasCommand($what) -or $recorded[$date].Text -match "(?m)^  $([regex]::Escape($what))`$"
                # An unlisted command is told apart in words.
                if ($what -ne 'threads export' -or $date -ge '2026-05-04') {
                    $has | Should -Be ($date -ge $first -and $date -le $last) -Because "$what on $date"
                }
            }
        }

        foreach ($date in $recorded.Keys) {
            $values = [regex]::Match($page, "(?m)^\| [^|]*$date[^|]*\|([^|]*)\|([^|]*)\|$")
            foreach ($column in @{ Index = 1; Names = $recorded[$date].Can.Modes }, @{ Index = 2; Names = $recorded[$date].Can.Visibilities }) {
                [regex]::Matches($values.Groups[$column.Index].Value, '`(\w+)`') | ForEach-Object { $_.Groups[1].Value } | Should -Be $column.Names -Because $date
            }
        }
    }

    It 'name the modes and visibilities that completion offers where it knows nothing of the CLI' {
        $rows = [regex]::Matches($texts.about_Amp_Cli_Versions, '(?m)^\| \d{4}-[^|]*\|([^|]*)\|([^|]*)\|$')
        foreach ($column in @{ Index = 1; Parameter = 'Mode' }, @{ Index = 2; Parameter = 'Visibility' }) {
            $named = $rows | ForEach-Object { [regex]::Matches($_.Groups[$column.Index].Value, '`(\w+)`') } | ForEach-Object { $_.Groups[1].Value }
            $line = "Invoke-AmpAgent x -CliPath /nowhere/amp -$($column.Parameter) "
            $offered = [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches.CompletionText
            $named | Sort-Object -Unique | Should -Be ($offered | Sort-Object) -Because $column.Parameter
        }
    }
}

Describe 'The help of <Name>' -ForEach $commands {
    BeforeAll {
        $page = (Get-Content -Raw -LiteralPath (Join-Path $pages "$Name.md")).ReplaceLineEndings("`n")
        $help = Get-Help $Name -Full
        $command = Get-Command $Name
        $shown = $command.Parameters.Values | Where-Object {
            $_.Name -notin [System.Management.Automation.Cmdlet]::CommonParameters -and
            -not $_.Attributes.Where{ $_ -is [Parameter] -and $_.DontShow }
        }
    }

    It 'has nothing left to fill in' {
        $page | Should -Not -Match '\{\{'
    }

    It 'says in page and console alike what it is for' {
        Get-Section $page '## SYNOPSIS' | Should -Not -BeNullOrEmpty
        Get-Word $help.Synopsis | Should -BeExactly (Get-Word (Get-Section $page '## SYNOPSIS'))
        Get-HelpText $help.description | Should -BeExactly (Get-Word (Get-Section $page '## DESCRIPTION'))
    }

    It 'describes every parameter as it is' {
        $described = [regex]::Matches($page, '(?m)^### -(\w+)$') | ForEach-Object { $_.Groups[1].Value }
        $described | Sort-Object | Should -Be ($shown.Name | Sort-Object)
        @($help.parameters.parameter.name) | Sort-Object | Should -Be ($shown.Name | Sort-Object)
        foreach ($parameter in $shown) {
            $facts = ((Get-Section $page "### -$($parameter.Name)") -split '```yaml')[1]
            $facts | Should -Match "(?m)^Type: $([regex]::Escape($parameter.ParameterType.ToString()))$" -Because $parameter.Name
            [regex]::Matches($facts, '(?m)^- (\w+)$').ForEach{ $_.Groups[1].Value } | Sort-Object | Should -Be ($parameter.Aliases | Sort-Object) -Because $parameter.Name
            $wildcards = [bool] $parameter.Attributes.Where{ $_ -is [SupportsWildcards] }
            $facts | Should -Match "(?m)^SupportsWildcards: $wildcards$" -Because $parameter.Name
            foreach ($set in $parameter.ParameterSets.Keys) {
                $told = [regex]::Match($facts, "(?m)^- Name: (?:$([regex]::Escape($set))|\(All\))\n((?:  .*\n)+)").Groups[1].Value
                $is = $parameter.ParameterSets[$set]
                $told | Should -Match "IsRequired: $($is.IsMandatory)\n" -Because "$($parameter.Name) in $set"
                $told | Should -Match "Position: $($is.Position -ge 0 ? $is.Position : 'Named')\n" -Because "$($parameter.Name) in $set"
                $told | Should -Match "ValueFromPipeline: $($is.ValueFromPipeline)\n" -Because "$($parameter.Name) in $set"
                $told | Should -Match "ValueFromPipelineByPropertyName: $($is.ValueFromPipelineByPropertyName)\n" -Because "$($parameter.Name) in $set"
            }
        }
    }

    It 'shows its syntax' {
        $sets = [regex]::Matches((Get-Section $page '## SYNTAX'), '(?m)^### (\S+)') | ForEach-Object { $_.Groups[1].Value }
        $sets | Sort-Object | Should -Be ($command.ParameterSets.Name | Sort-Object)
        @($help.syntax.syntaxItem).Count | Should -Be @($sets).Count
    }

    It 'has numbered examples that PowerShell can read' {
        $titles = [regex]::Matches($page, '(?m)^### (Example .*)$') | ForEach-Object { $_.Groups[1].Value }
        $titles | Should -Not -BeNullOrEmpty
        for ($i = 0; $i -lt @($titles).Count; $i++) {
            @($titles)[$i] | Should -Match "^Example $($i + 1): \S"
        }

        $codes = [regex]::Matches((Get-Section $page '## EXAMPLES'), '(?ms)^```powershell\n(.*?)\n```') | ForEach-Object { $_.Groups[1].Value }
        $inHelp = @($help.examples.example)
        $inHelp.Count | Should -Be @($titles).Count
        $inHelp.code | ForEach-Object { $_.ReplaceLineEndings("`n") } | Should -BeExactly $codes
        Get-WrongCall $page | Should -BeNullOrEmpty
        $codes -join "`n" | Should -Match ([regex]::Escape($Name))
    }

    It 'says what goes in and comes out, and leads on' {
        $types = [regex]::Matches((Get-Section $page '## OUTPUTS'), '(?m)^### (\S+)$') | ForEach-Object { $_.Groups[1].Value }
        $types | Sort-Object | Should -Be ($command.OutputType.Name | Sort-Object)
        Get-Section $page '## INPUTS' | Should -Match '^### \S'
        $links = [regex]::Matches((Get-Section $page '## RELATED LINKS'), '\]\(([^)]+)\)') | ForEach-Object { $_.Groups[1].Value }
        $links | Should -Not -BeNullOrEmpty
        $links | Where-Object { $_ -notlike 'https:*' -and -not (Test-Path -LiteralPath (Join-Path $pages $_)) } | Should -BeNullOrEmpty
    }
}

Describe 'A page that the build cannot read' {
    BeforeAll {
        $builder = Get-ChildItem -LiteralPath (Join-Path $layout.Root 'tools/Amp.HelpBuilder/bin') -Recurse -Filter Amp.HelpBuilder.dll |
            Sort-Object LastWriteTime | Select-Object -Last 1
        # What is wrong about each page that is given, as text by name; nothing is written then.
        function Get-PageFault([hashtable] $Page) {
            $folder = (New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid()))).FullName
            $Page.Keys | ForEach-Object { [System.IO.File]::WriteAllText((Join-Path $folder "$_.md"), $Page[$_]) }
            $output = & dotnet $builder.FullName $folder (Join-Path $folder 'made') 2>&1 | ForEach-Object { "$_" }
            $LASTEXITCODE | Should -Be ($output ? 1 : 0)
            Test-Path (Join-Path $folder 'made') | Should -Be (-not $output)
            $output
        }

        $good = (Get-Content -Raw -LiteralPath (Join-Path $pages 'Get-AmpThread.md')).ReplaceLineEndings("`n")
        $about = (Get-Content -Raw -LiteralPath (Join-Path $pages 'about_Amp.md')).ReplaceLineEndings("`n")
    }

    It 'is none of those that there are' {
        Get-PageFault @{ 'Get-AmpThread' = $good; about_Amp = $about } | Should -BeNullOrEmpty
    }

    It 'is told with its file and line: <Name>' -ForEach @(
        @{ Name = 'a section that is missing'; Old = '## ALIASES'; New = '## OTHER' }
        @{ Name = 'a list in a description'; Old = 'Gets the threads of'; New = '- Gets the threads of' }
        @{ Name = 'a parameter without text'; Old = "The path of the CLI\.[^`n]*`n`n"; New = '' }
        @{ Name = 'a fact that is missing'; Old = "Type: System.Int32`n"; New = '' }
        @{ Name = 'a value that is none'; Old = 'SupportsWildcards: false'; New = 'SupportsWildcards: no' }
        @{ Name = 'a parameter that is not in its syntax'; Old = ' \[-Skip <int>\]'; New = '' }
        @{ Name = 'a syntax that says another position'; Old = '\[-ThreadId\] <string'; New = '-ThreadId <string' }
        @{ Name = 'a syntax that PowerShell does not write'; Old = '\[-IncludeArchived\]'; New = '[-IncludeArchived' }
        @{ Name = 'code without an end'; Old = "-First 2`n``````"; New = '-First 2' }
        @{ Name = 'a link that is none'; Old = '- \[Set-AmpThread\]\(Set-AmpThread.md\)'; New = '- Set-AmpThread' }
    ) {
        $page = ([regex] $Old).Replace($good, $New.Replace('$', '$$'), 1)
        $page | Should -Not -BeExactly $good
        Get-PageFault @{ 'Get-AmpThread' = $page } | Should -Match 'Get-AmpThread\.md\(\d+\): error HELP1: \S'
    }

    It 'is told with its file and line where it is about more than one cmdlet: <Name>' -ForEach @(
        @{ Name = 'a quote'; Line = '> Words'; Fault = 11 }
        @{ Name = 'a row that has too many cells'; Line = "| a | b |`n|---|---|`n| a | b | c |"; Fault = 13 }
    ) {
        $lines = $about -split "`n"
        $page = ($lines[0..9] + $Line + '' + $lines[10..($lines.Count - 1)]) -join "`n"
        Get-PageFault @{ about_Amp = $page } | Should -Match "about_Amp\.md\($Fault\): error HELP1: \S"
    }
}
