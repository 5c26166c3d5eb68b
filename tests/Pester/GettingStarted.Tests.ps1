#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $missing = Get-AmpTestGap NewestCli
    $root = (Get-AmpTestLayout).Root
    $pages = Get-ChildItem (Join-Path $root '*.md'), (Join-Path $root 'docs/*.md'), (Join-Path $root 'examples/*.md'), (Join-Path $root 'examples/*/*.md') |
        ForEach-Object { @{ Page = [System.IO.Path]::GetRelativePath($root, $_.FullName).Replace('\', '/'); Path = $_.FullName } }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
    $root = (Get-AmpTestLayout).Root
}

Describe 'The page <Page>' -ForEach $pages {
    It 'leads to pages that are there' {
        $text = (Get-Content -Raw -LiteralPath $Path) -replace '(?ms)^```.*?^```$'
        $links = [regex]::Matches($text, '\]\(([^)\s]+)\)') | ForEach-Object { $_.Groups[1].Value } | Where-Object { $_ -notmatch '^(https?:|#)' }
        $links | Where-Object { -not (Test-Path -LiteralPath (Join-Path (Split-Path $Path) ($_ -replace '#.*'))) } | Should -BeNullOrEmpty
    }

    It 'names cmdlets, parameters and types that there are' {
        $module = Get-Command -Module Amp
        $parameters = $module.Parameters.Keys + $module.Parameters.Values.Aliases + [System.Management.Automation.PSCmdlet]::CommonParameters + 'WhatIf', 'Confirm' | Sort-Object -Unique
        $text = (Get-Content -Raw -LiteralPath $Path) -replace '(?ms)^```.*?^```$'
        $spans = [regex]::Matches($text, '`([^`\n]+)`') | ForEach-Object { $_.Groups[1].Value }
        $named = $spans | ForEach-Object { [regex]::Matches($_, '\b[A-Z][a-z]+-Amp[A-Za-z]+') } | ForEach-Object Value
        $named | Where-Object { $_ -notin $module.Name -and $_ -notin (Get-Command -Module Amp.TestSupport).Name } | Should -BeNullOrEmpty
        $given = $spans | ForEach-Object { [regex]::Matches($_, '^-([A-Z][A-Za-z]+)\b(?!-)') } | ForEach-Object { $_.Groups[1].Value }
        $given | Where-Object { $_ -notin $parameters } | Should -BeNullOrEmpty
        $types = $spans | ForEach-Object { [regex]::Matches($_, '\bAmp\.[A-Z][A-Za-z]+(Message|Exception|Content)\b') } | ForEach-Object Value
        $types | Where-Object { -not ($_ -as [type]) } | Should -BeNullOrEmpty
    }

    It 'has code that PowerShell can read, with commands and parameters that there are' {
        foreach ($code in (Get-AmpMarkdownSection $Path).Code) {
            $mistakes = $null
            $tree = [System.Management.Automation.Language.Parser]::ParseInput($code, [ref] $null, [ref] $mistakes)
            $mistakes | Should -BeNullOrEmpty -Because $code
            $calls = $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)
            foreach ($call in $calls | Where-Object { $_.GetCommandName() -like '*-Amp*' }) {
                $called = Get-Command $call.GetCommandName() -Module Amp -ErrorAction Stop
                $given = $call.CommandElements | Where-Object { $_ -is [System.Management.Automation.Language.CommandParameterAst] }
                $given | ForEach-Object ParameterName | Where-Object { $_ -notin $called.Parameters.Keys } | Should -BeNullOrEmpty -Because $code
            }
        }
    }
}

Describe "What a beginner reads$missing" -Skip:([bool] $missing) {
    BeforeAll {
        $place = Open-AmpTestPlace
        $look = @{ tool = 'shell'; input = @{ command = 'ls' } }
        $rules = @(
            @{ when = @{ prompt = 'Which files'; step = 0 }
                answer = @{ blocks = @('I will look into the folder.', $look); usage = @{ inputTokens = 1200; outputTokens = 45 } } }
            @{ when = @{ prompt = 'Which files'; toolResult = '<output>\s*(?<files>\S[\s\S]*?)\s*</output>' }
                answer = @{ blocks = @("These files are here:`n`n`${files}"); usage = @{ inputTokens = 1300; outputTokens = 60 } } }
            @{ when = @{ prompt = '(?s)largest.*?(?<size>\d+)\s+(?<name>backup\.ps1)' }; answer = '${name} is the largest, with ${size} bytes.' }
            @{ when = @{ prompt = 'ask' }; answer = 'You first asked me: "${firstPrompt}"' }
            @{ when = @{ prompt = 'Tidy up'; step = 0 }; answer = @{ blocks = @($look, @{ tool = 'shell'; input = @{ command = 'rm backup.ps1' } }) } }
            @{ when = @{ prompt = 'Tidy up' }; answer = 'I may not remove backup.ps1.' }
            @{ when = @{ prompt = 'Push it'; step = 0 }; answer = @{ blocks = @(@{ tool = 'shell'; input = @{ command = 'git push' } }) } }
            @{ when = @{ prompt = 'Which app hangs'; step = 0 }; answer = @{ blocks = @(@{ tool = 'mcp__ps__Get_AppState'; input = @{ Name = 'web' } }) } }
            @{ when = @{ prompt = 'Which app hangs'; toolResult = 'hanging since (?<time>[\d:]+)' }; answer = 'web has been hanging since ${time}.' }
        )
        $service = Open-AmpLocalService $place @{ unmatched = 'error'; rules = $rules }
        $reader = Enter-AmpTestReader $place $service -CliPath (Get-AmpTestLayout).NewestCli
        '# A small project' | Set-Content README.md
        'Get-ChildItem /srv | Compress-Archive -DestinationPath /backup/srv.zip' | Set-Content backup.ps1

        # Somebody who types a token.
        ${function:Read-Host} = { param([string] $Prompt, [switch] $MaskInput) $MaskInput ? 'local-key-0123456789' : $Prompt }
    }

    AfterAll {
        Exit-AmpTestReader $reader
        Close-AmpTestPlace $place
    }

    It 'sees in the README what a console shows' {
        $folder = New-Item -ItemType Directory ./backup
        Copy-Item ./README.md, ./backup.ps1 $folder
        Push-Location $folder
        $ErrorActionPreference = 'Continue'
        $transcript = (Get-AmpMarkdownSection (Join-Path $root 'README.md') -Language text)[0].Code[0]
        $steps = $transcript -split '(?m)^PS> ' | Where-Object { $_ }
        $steps.Count | Should -BeGreaterThan 5
        $real = foreach ($step in $steps) {
            $command = ($step -split '\n')[0]
            "PS> $command"
            Set-StrictMode -Version 3
            . ([scriptblock]::Create($command)) 2>&1 3>&1 | Out-String -Width 120
            Set-StrictMode -Off
        }

        $ErrorActionPreference = 'Stop'
        Pop-Location
        Remove-Item -Recurse $folder
        # The words count; how a view lays them out is tested where it is made.
        $wordsOf = {
            param([string] $Text)
            ($Text -replace 'T-[0-9a-f-]{36}', 'T' -replace 'in \S+, (?=\d+ tools)' -replace 'in [\d.]+ s\b' | Select-String '\w+' -AllMatches).Matches.Value -join ' '
        }
        & $wordsOf ($real -join "`n") | Should -Be (& $wordsOf $transcript) -Because "the console shows this now:`n$($real -join "`n")"
        Get-AmpTestLeftover $place | Should -BeNullOrEmpty
    }

    It 'leads from nothing to a script' {
        $written = [ordered]@{}
        foreach ($section in Get-AmpMarkdownSection (Join-Path $root 'docs/getting-started.md')) {
            # Both load something.
            if ($section.Heading -eq 'Install') {
                continue
            }

            $ErrorActionPreference = 'Continue'
            $written[$section.Heading] = foreach ($code in $section.Code) {
                Set-Content -LiteralPath (Join-Path $place.Root 'section.ps1') -Value $code
                Set-StrictMode -Version 3
                . (Join-Path $place.Root 'section.ps1') 2>&1
                Set-StrictMode -Off
            }
        }

        $ErrorActionPreference = 'Stop'
        $written.Values | ForEach-Object { $_ } | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } | Should -BeNullOrEmpty
        $env:AMP_API_KEY | Should -Be 'local-key-0123456789'
        $written['The key'] | ForEach-Object Name | Should -Be 'Cli', 'Key', 'Service'
        $written['The key'] | ForEach-Object Passed | Should -Be $true, $true, $true
        $written['The first run'][-1].Result | Should -Match 'backup\.ps1\s+README\.md|README\.md\s+backup\.ps1'
        $written['The first pipeline'].Command | Should -Be 'ls'
        $written['The first pipeline'] | Should -Contain 'Succeeded'
        $written['The first pipeline'] | Should -Contain 105
        $written['The first pipeline'][-1] | Should -Match '^backup\.ps1 is the largest, with \d+ bytes\.$'
        $written['A rule'][0] | Should -Be 'Denied'
        $written['Continue a thread'][0].Result | Should -Be 'You first asked me: "Which files are in this folder?"'
        $written['Continue a thread'] | Where-Object { $_ -is [Amp.AmpThread] } | Should -HaveCount 5
        $written['Continue a thread'][-1].Result | Should -Be 'You first asked me: "Which files are in this folder?"'
        $written['In a script'][0] | Should -Match '^It failed: AgentError,'
        './backup.ps1' | Should -Exist
        Get-AmpTestLeftover $place | Should -BeNullOrEmpty
    }
}
